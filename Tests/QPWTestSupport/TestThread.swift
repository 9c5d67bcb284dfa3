package import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A thread of the test's own: blocking it, pinning it and signalling it concerns nobody else.
package final class TestThread: Sendable {
    private let done = Flag()

    /// Pinned to `cpu`, where threads can be. Another process's tests may have taken the CPU offline: it comes back.
    package init(on cpu: CPU? = nil, _ body: @escaping @Sendable () -> Void) {
        let thread = startThread { [done] in
            if let cpu, !System.isPortable { waitUntil { System.pinThread(to: cpu) } }
            body()
            done.raise()
        }
        guard let thread else { fatalError("no room for a thread") }
        pthread_detach(thread)
    }

    package var isDone: Bool { done.isRaised }

    package func join() { done.wait() }
}

/// Runs `body` on a thread of its own, pinned to `cpu`: the test's own thread belongs to a pool of two.
@discardableResult
package func onThread<R: Sendable>(
    on cpu: CPU? = nil, _ body: @escaping @Sendable () throws -> R
) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        _ = TestThread(on: cpu) { continuation.resume(with: Result { try body() }) }
    }
}
