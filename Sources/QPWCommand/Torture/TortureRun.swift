import QPW

/// All turns of all cases, until one fails.
struct TortureRun {
    struct Result: Sendable {
        var turn: TortureSettings.Case
        var inForce: PolicyInForce?
        var turns = 0
        var cycles: UInt64 = 0
        var steps = 0
        var signals = 0
        var unplugged = 0
    }

    struct Outcome: Sendable {
        var settings: TortureSettings
        var results: [Result]
        var failure: TortureFailure?
        var notes: [String]
        var wasInterrupted: Bool
    }

    private let settings: TortureSettings
    private let progress = Progress()

    init(_ settings: TortureSettings) { self.settings = settings }

    func torture() throws -> Outcome {
        Interruption.await()
        // Threads inherit it, and none may be confined to where the first thread was put.
        System.setAffinity(CPUSet(settings.cpus))
        let cases = settings.cases
        var outcome = Outcome(
            settings: settings, results: cases.map { Result(turn: $0) }, failure: nil, notes: [],
            wasInterrupted: false)
        defer { progress.clear() }
        let begun = MonotonicClock.now()
        for round in 0..<settings.rounds {
            for index in cases.indices where outcome.failure == nil && !Interruption.hasCome {
                let bout = TortureBout(
                    settings: settings, turn: cases[index], seed: seed(round, index, of: cases.count)
                ) { show(cases[index], since: begun) }
                add(try bout.run(), to: &outcome, index)
            }
        }
        outcome.wasInterrupted = Interruption.hasCome
        return outcome
    }

    /// The first turn of a run has the run's own seed: to repeat a turn, name its case and its seed.
    private func seed(_ round: Int, _ index: Int, of count: Int) -> UInt64 {
        settings.seed &+ UInt64(round * count + index)
    }

    private func add(_ turn: TortureBout.Outcome, to outcome: inout Outcome, _ index: Int) {
        outcome.results[index].inForce = turn.inForce
        outcome.results[index].turns += 1
        outcome.results[index].cycles += turn.cycles
        outcome.results[index].steps += turn.steps
        outcome.results[index].signals += turn.signals
        outcome.results[index].unplugged += turn.unplugged
        for note in turn.notes where !outcome.notes.contains(note) { outcome.notes.append(note) }
        outcome.failure = turn.failure
    }

    private func show(_ turn: TortureSettings.Case, since begun: Int64) {
        let seconds = (MonotonicClock.now() - begun) / 1_000_000_000
        guard settings.duration > .seconds(2) else { return }
        progress.show(
            "torturing \(turn.suite.name) under \(turn.policy.name): \(seconds) s of "
                + "\(Int(settings.duration / .seconds(1))) s")
    }
}
