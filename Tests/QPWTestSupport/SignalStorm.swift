import QPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Interrupts threads at random moments and runs something in the signal's handler, on their stacks.
///
/// One at a time for each suite: the handler finds it by its signal. The body must not allocate; it is called once before the
/// storm, so that what the language prepares at first use is prepared.
package final class SignalStorm: Sendable {
    /// Whose storm it is. Handlers are the process's, and suites run side by side: no two may share a signal, nor use that of
    /// `qpw torture`, SIGURG.
    package enum Suite: Sendable {
        case core, objects, pages

        fileprivate var signal: Int32 {
            switch self {
            case .core: SIGWINCH
            case .objects: SIGUSR2
            case .pages: SIGIO
            }
        }
    }

    private let signal: Int32
    private let body: @Sendable () -> Void
    private let threads = Guarded<Set<pthread_t>>([])
    package let handled = Tally()

    /// By signal. A handler that comes late finds nobody.
    nonisolated(unsafe) private static let current: UnsafeMutablePointer<Unmanaged<SignalStorm>?> = {
        let storms = UnsafeMutablePointer<Unmanaged<SignalStorm>?>.allocate(capacity: 65)
        storms.initialize(repeating: nil, count: 65)
        return storms
    }()

    package init(_ suite: Suite, _ body: @escaping @Sendable () -> Void) {
        signal = suite.signal
        self.body = body
        Self.current[Int(signal)] = Unmanaged.passRetained(self)
        handle()
        var action = sigaction()
        #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { SignalStorm.handle($0) }
        #else
        action.__sigaction_handler.sa_handler = { SignalStorm.handle($0) }
        #endif
        action.sa_flags = SA_RESTART
        sigaction(signal, &action, nil)
    }

    private static func handle(_ signal: Int32) {
        let before = errno
        current[Int(signal)]?._withUnsafeGuaranteedRef { $0.handle() }
        errno = before
    }

    private func handle() {
        body()
        handled.add()
    }

    /// The calling thread may be interrupted from now on.
    package func join() {
        mask(SIG_UNBLOCK)
        _ = threads.withLock { $0.insert(pthread_self()) }
    }

    /// No more. Under the mutex, so that no signal is sent to a thread that has ended.
    package func leave() {
        _ = threads.withLock { $0.remove(pthread_self()) }
        mask(SIG_BLOCK)
    }

    private func mask(_ how: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(how, &set, nil)
    }

    /// Interrupts all who joined, again and again.
    package func rage(until isOver: () -> Bool) {
        while !isOver() {
            threads.withLock { threads in for thread in threads { pthread_kill(thread, signal) } }
            System.sleep(nanoseconds: 100_000)
        }
    }

    /// Runs `body` on the calling thread and interrupts it, from a thread that does nothing else.
    package func interrupt(_ body: () -> Void) {
        let isDone = Flag()
        let sender = TestThread { [self] in rage { isDone.isRaised } }
        join()
        body()
        leave()
        isDone.raise()
        sender.join()
    }

    /// Call it once all who joined have left.
    package func end() {
        Self.current[Int(signal)]?.release()
        Self.current[Int(signal)] = nil
    }
}
