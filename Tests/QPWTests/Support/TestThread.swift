import Testing

@testable import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A thread of the test's own: blocking it, pinning it and signalling it concerns nobody else.
final class TestThread: Sendable {
    private let done = Flag()

    init(on cpu: CPU? = nil, _ body: @escaping @Sendable () -> Void) {
        let thread = startThread { [done] in
            if let cpu { _ = System.pinThread(to: cpu) }
            body()
            done.raise()
        }
        guard let thread else { fatalError("no room for a thread") }
        pthread_detach(thread)
    }

    var isDone: Bool { done.isRaised }

    func join() { done.wait() }
}

/// Runs `body` on a thread of its own, pinned to `cpu`: the test's own thread belongs to a pool of two.
@discardableResult
func onThread<R: Sendable>(on cpu: CPU? = nil, _ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        _ = TestThread(on: cpu) { continuation.resume(with: Result { try body() }) }
    }
}

/// Identifies the calling thread.
func thisThread() -> UInt { UInt(bitPattern: Int(System.threadID())) }
