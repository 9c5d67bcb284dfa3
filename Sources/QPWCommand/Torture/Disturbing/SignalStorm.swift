import Foundation
import QPW
import Synchronization

/// Interrupts threads at random moments: a handler tries what its subject allows, yields, or moves its thread.
///
/// One at a time: the handler finds it in a global.
final class SignalStorm: @unchecked Sendable {
    private let interrupt: @Sendable () -> Void
    private let threads = Guarded<Set<pthread_t>>([])
    private let handled = Atomic<Int>(0)
    private var before = sigaction()

    nonisolated(unsafe) private static var current: Unmanaged<SignalStorm>?
    static let signal = SIGURG

    init(_ interrupt: @escaping @Sendable () -> Void) {
        self.interrupt = interrupt
        // What the language prepares at first use is prepared then: it allocates, which a handler must not.
        interrupt()
        Self.current = Unmanaged.passRetained(self)
        var action = sigaction()
        #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { _ in SignalStorm.handle() }
        #else
        action.__sigaction_handler.sa_handler = { _ in SignalStorm.handle() }
        #endif
        action.sa_flags = SA_RESTART
        sigaction(Self.signal, &action, &before)
    }

    /// Signals that handlers have handled.
    var count: Int { handled.load(ordering: .relaxed) }

    private static func handle() {
        let number = errno
        current?._withUnsafeGuaranteedRef { $0.disturb() }
        errno = number
    }

    private func disturb() {
        handled.wrappingAdd(1, ordering: .relaxed)
        guard let luck = ThreadLuck.current else { return }
        switch luck.pointee.next() % 8 {
        case 0: luck.pointee.move()
        case 1: yieldThread()
        case 2: break
        default: interrupt()
        }
    }

    /// The calling thread may be interrupted while `body` runs.
    func expose(_ body: () -> Void) {
        mask(SIG_UNBLOCK)
        _ = threads.withLock { $0.insert(pthread_self()) }
        body()
        // Under the mutex, so that no signal is sent to a thread that has ended.
        _ = threads.withLock { $0.remove(pthread_self()) }
        mask(SIG_BLOCK)
    }

    private func mask(_ how: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, Self.signal)
        pthread_sigmask(how, &set, nil)
    }

    /// Interrupts all who are exposed, once.
    func strike() {
        threads.withLock { threads in for thread in threads { pthread_kill(thread, Self.signal) } }
    }

    /// Call it once nobody is exposed any more.
    func end() {
        sigaction(Self.signal, &before, nil)
        Self.current?.release()
        Self.current = nil
    }
}
