import QPWTestSupport
import Testing

@testable import QPW

/// Keeps a queue's worker for one CPU busy until it is let go.
final class Blocker: Sendable {
    private let begun = Flag()
    private let ending = Flag()

    init(_ queue: WorkQueue, _ cpu: CPU) {
        let item = WorkItem { [begun, ending] in
            begun.raise()
            ending.wait()
        }
        queue.put(item, to: cpu)
        begun.wait()
    }

    func end() { ending.raise() }

    deinit { ending.raise() }
}

/// Keeps work of a lock from beginning, by whatever would run it under the lock's policy.
///
/// Under the policies that run work in the caller nothing can: then it is no obstacle. Under `deferred` it is enough that
/// no owner comes by.
final class Obstacle: Sendable {
    let stops: Bool
    private let blocker: Blocker?

    init(_ lock: QPWLock, _ cpu: CPU) {
        let remote = lock.inForce.remote
        stops = remote != .inline && remote != .fence
        blocker = remote == .queue ? Blocker(.shared, cpu) : nil
    }

    func end() { blocker?.end() }
}
