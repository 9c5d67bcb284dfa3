import Synchronization

/// Says, at most once a second, that it is time to look whether a CPU was isolated or given back.
///
/// Isolation changes when an administrator makes or ends an isolated cpuset partition; reading it costs three small files.
/// So remote operations on a structure under `automatic`, and grace periods, look now and then, and nobody polls.
final class IsolationWatch: Sendable {
    private let nextLook = Atomic<Int64>(0)

    private static let interval: Int64 = 1_000_000_000

    func isDue() -> Bool {
        let now = MonotonicClock.now()
        let next = nextLook.load(ordering: .relaxed)
        guard now >= next else { return false }
        return nextLook.compareExchange(expected: next, desired: now + Self.interval, ordering: .relaxed)
            .exchanged
    }
}
