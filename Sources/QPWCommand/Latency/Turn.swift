/// A stretch of the run in which one contender is measured; times are the cycle counter's.
struct Turn: Sendable {
    let number: Int
    let contender: Int
    let begin: UInt64
    let end: UInt64
    /// Until when drains that were due in this turn may still be done.
    let limit: UInt64
}

/// The order of the turns, and how the time that is left is shared among them, so that the run ends when it
/// should.
struct Schedule: Sendable {
    let contenders: Int
    let rounds: Int
    let end: UInt64
    /// Time for both threads to get ready.
    let lead: UInt64
    /// What a turn has even if those before it took longer than they should.
    let least: UInt64

    var turns: Int { contenders * rounds }

    /// Each round begins with another contender, so that none always follows the same one.
    func contender(of number: Int) -> Int {
        let round = number / contenders
        return (number + round) % contenders
    }

    func turn(_ number: Int, now: UInt64) -> Turn {
        let share = max(least, CycleClock.elapsed(from: now, to: end) / UInt64(turns - number))
        let begin = now + min(lead, share / 4)
        // What is left behind the end is for drains that are late.
        return Turn(
            number: number, contender: contender(of: number), begin: begin,
            end: max(begin, now + share / 20 * 19), limit: now + share)
    }
}

extension Schedule {
    private static let lead: Duration = .milliseconds(2)

    init(_ settings: LatencySettings, contenders: Int, from now: UInt64) {
        let length = CycleClock.calibrated.cycles(settings.duration)
        self.init(
            contenders: contenders, rounds: settings.rounds, end: now + length,
            lead: CycleClock.calibrated.cycles(Self.lead),
            least: length / UInt64(contenders * settings.rounds) / 4)
    }
}
