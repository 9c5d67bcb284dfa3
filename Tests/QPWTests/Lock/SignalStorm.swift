import QPWTestSupport
import Synchronization

@testable import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Interrupts threads at random moments and runs something in the signal's handler, on their stacks.
///
/// One at a time: the handler finds it in a global. The body must not allocate; it is called once before the storm, so
/// that what the language prepares at first use is prepared.
final class SignalStorm: @unchecked Sendable {
    private let body: @Sendable () -> Void
    private let threads = Guarded<Set<pthread_t>>([])
    let handled = Tally()

    nonisolated(unsafe) fileprivate static var current: Unmanaged<SignalStorm>?
    /// No other test's, nor that of `qpw torture`: handlers are the process's, and suites run side by side.
    private static let signal = SIGWINCH

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
        Self.current = Unmanaged.passRetained(self)
        handle()
        var action = sigaction()
        #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { _ in SignalStorm.handleCurrent() }
        #else
        action.__sigaction_handler.sa_handler = { _ in SignalStorm.handleCurrent() }
        #endif
        action.sa_flags = SA_RESTART
        sigaction(Self.signal, &action, nil)
    }

    private static func handleCurrent() {
        let before = errno
        current?._withUnsafeGuaranteedRef { $0.handle() }
        errno = before
    }

    private func handle() {
        body()
        handled.add()
    }

    /// The calling thread may be interrupted from now on.
    func join() {
        mask(SIG_UNBLOCK)
        _ = threads.withLock { $0.insert(pthread_self()) }
    }

    /// No more. Under the mutex, so that no signal is sent to a thread that has ended.
    func leave() {
        _ = threads.withLock { $0.remove(pthread_self()) }
        mask(SIG_BLOCK)
    }

    private func mask(_ how: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, Self.signal)
        pthread_sigmask(how, &set, nil)
    }

    /// Interrupts all who joined, again and again.
    func rage(until isOver: () -> Bool) {
        while !isOver() {
            threads.withLock { threads in for thread in threads { pthread_kill(thread, Self.signal) } }
            System.sleep(nanoseconds: 100_000)
        }
    }

    /// Call it once all who joined have left.
    func end() {
        Self.current?.release()
        Self.current = nil
    }
}
