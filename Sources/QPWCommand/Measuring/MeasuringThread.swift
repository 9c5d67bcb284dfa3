import Foundation
import QPW
import Synchronization

/// A thread that computes something, with every signal blocked.
final class MeasuringThread<Result: Sendable>: Sendable {
    private let box: Box
    private let thread: Mutex<pthread_t>

    private final class Box: Sendable {
        let result = Mutex<Result?>(nil)
    }

    init(running body: @escaping @Sendable () -> Result) throws {
        let box = Box()
        let started = startThread {
            let result = body()
            box.result.withLock { $0 = result }
        }
        guard let started else { throw OutOfThreads() }
        self.box = box
        thread = Mutex(started)
    }

    var isDone: Bool { box.result.withLock { $0 != nil } }

    /// Once, by one thread.
    @discardableResult
    func join() -> Result {
        pthread_join(thread.withLock { $0 }, nil)
        guard let result = box.result.withLock({ $0 }) else {
            fatalError("a thread ended without its result")
        }
        return result
    }
}

struct OutOfThreads: Error, CustomStringConvertible {
    var description: String { "the system has no room for another thread" }
}
