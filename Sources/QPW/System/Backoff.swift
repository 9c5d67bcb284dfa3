import CQPW

/// How a thread waits for a holder that wakes nobody: it spins briefly, yields, then sleeps, longer each time.
///
/// A holder may be preempted, or be of lower priority on the waiter's own CPU, so nobody may spin without bound and
/// a yield is not enough (it never lets a lower SCHED_FIFO priority run). Sleeps start at 50 µs and double to 1 ms:
/// that is the most by which a wait can outlast the hold.
package struct Backoff {
    private var step = 0

    private static let spins = 7
    private static let yields = 4
    private static let shortestSleep: Int64 = 50_000
    private static let longestSleep: Int64 = 1_000_000

    package init() {}

    /// One step: `sleep` is called with the nanoseconds to sleep once spinning and yielding did not help.
    package mutating func pause(sleep: (Int64) -> Void) {
        defer { step += 1 }
        if step < Self.spins {
            for _ in 0..<(1 << step) { qpw_pause() }
        } else if step < Self.spins + Self.yields {
            yieldThread()
        } else {
            let doublings = min(step - Self.spins - Self.yields, 5)
            sleep(min(Self.shortestSleep << Int64(doublings), Self.longestSleep))
        }
    }
}
