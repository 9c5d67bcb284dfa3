import QPW
import Synchronization

// field    | who writes | who reads                     | memory order
// ---------|------------|-------------------------------|-------------
// doing    | the thread | who looks for stuck threads   | relaxed
// since    | the thread | the same                      | relaxed
// inSlot   | the thread | the same                      | relaxed
// steps    | the thread | the report                    | relaxed
// entries  | the thread | the audit, after it has ended | relaxed

/// One thread of a torture, as others see it.
final class Actor: Sendable {
    let number: Int
    let role: String
    private let journal: Journal
    private let doing = Atomic<UInt64>(0)
    private let since = Atomic<UInt64>(0)
    private let inSlot = Atomic<Int>(-1)
    private let stepCount = Atomic<Int>(0)
    private let entryCount = Atomic<Int>(0)

    init(_ number: Int, _ role: String, _ journal: Journal) {
        self.number = number
        self.role = role
        self.journal = journal
    }

    var name: String { "thread \(number) (\(role))" }

    var steps: Int { stepCount.load(ordering: .relaxed) }

    func countStep() { Self.raise(stepCount) }

    /// What it put into slots, but for what its signal handlers did.
    var entries: Int { entryCount.load(ordering: .relaxed) }

    func countEntry() { Self.raise(entryCount) }

    /// The only writer.
    private static func raise(_ counter: borrowing Atomic<Int>) {
        counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// Does something that may take long, and says so.
    @discardableResult
    func perform<R, E: Error>(_ deed: Deed, _ cpu: CPU? = nil, _ body: () throws(E) -> R) throws(E) -> R {
        journal.note(deed, by: number, about: cpu)
        since.store(CycleClock.now(), ordering: .relaxed)
        let before = doing.exchange(
            UInt64(deed.rawValue) | UInt64((cpu?.id ?? -1) + 1) << 32, ordering: .relaxed)
        defer { doing.store(before, ordering: .relaxed) }
        return try body()
    }

    /// Says that it is in a slot, while it is.
    func hold(_ cpu: CPU, _ body: () -> Void) {
        inSlot.store(cpu.id, ordering: .relaxed)
        body()
        inSlot.store(-1, ordering: .relaxed)
    }

    /// The CPU whose slot it is in.
    var slot: CPU? {
        let id = inSlot.load(ordering: .relaxed)
        return id < 0 ? nil : CPU(id)
    }

    struct Activity {
        var deed: Deed
        var cpu: CPU?
        var seconds: Double
    }

    /// What it is doing, and for how long.
    var activity: Activity? {
        let word = doing.load(ordering: .relaxed)
        guard let deed = Deed(rawValue: UInt8(word & 0xFF)) else { return nil }
        let cpu = Int(word >> 32) - 1
        let elapsed = CycleClock.elapsed(from: since.load(ordering: .relaxed), to: CycleClock.now())
        return Activity(
            deed: deed, cpu: cpu < 0 ? nil : CPU(cpu), seconds: CycleClock.calibrated.seconds(elapsed))
    }
}
