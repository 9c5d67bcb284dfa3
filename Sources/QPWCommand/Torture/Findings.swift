import QPW
import Synchronization

/// The breaches of a run. Noting one is async-signal-safe.
final class Findings: @unchecked Sendable {
    struct First: Sendable {
        var breach: Breach
        /// The actor's number; nil for who looked at everything afterwards.
        var actor: Int?
        var cpu: CPU?
    }

    private let counts: UnsafeMutablePointer<Atomic<Int>>
    /// One more than the breach, two more than the actor, one more than the CPU; zero before there is one.
    private let first = Atomic<UInt64>(0)
    /// What more there is to say than a breach's name does.
    private let details = Guarded<[String]>([])

    init() {
        counts = .allocate(capacity: Breach.allCases.count)
        for index in 0..<Breach.allCases.count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit { counts.deallocate() }

    func note(_ breach: Breach, by actor: Int? = nil, on cpu: CPU? = nil) {
        counts[breach.rawValue].wrappingAdd(1, ordering: .relaxed)
        let word =
            UInt64(breach.rawValue + 1) | UInt64((actor ?? -1) + 2) << 16 | UInt64((cpu?.id ?? -1) + 1) << 32
        _ = first.compareExchange(expected: 0, desired: word, ordering: .acquiringAndReleasing)
    }

    func explain(_ detail: String) { details.withLock { $0.append(detail) } }

    var explanations: [String] { details.withLock { $0 } }

    var isEmpty: Bool { first.load(ordering: .acquiring) == 0 }

    func count(of breach: Breach) -> Int { counts[breach.rawValue].load(ordering: .relaxed) }

    var firstBreach: First? {
        let word = first.load(ordering: .acquiring)
        guard word != 0 else { return nil }
        let actor = Int(word >> 16 & 0xFFFF) - 2
        let cpu = Int(word >> 32) - 1
        return First(
            breach: Breach(rawValue: Int(word & 0xFFFF) - 1)!, actor: actor < 0 ? nil : actor,
            cpu: cpu < 0 ? nil : CPU(cpu))
    }
}
