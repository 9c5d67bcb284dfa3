#if os(Linux) && !QPW_PORTABLE
import CQPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Sees with its own eyes that the kernel restarts a section, before anything relies on it.
///
/// An emulator or a sandbox may accept the system calls and do nothing. A thread of our own spins in a section that
/// ends by itself after a second at most; a membarrier at its CPU must restart it, and so must a signal to it.
enum SectionSelfTest {
    static func run() -> Capabilities {
        var capabilities = Capabilities()
        if !restarts({ spinner, _ in _ = qpw_membarrier_cpu(spinner.cpu) }) {
            capabilities.membarrier = .missing("a membarrier did not restart a restartable sequence")
        }
        if !restartsOnSignal() {
            capabilities.rseq = .missing("a signal did not restart a restartable sequence")
        }
        return capabilities
    }

    private final class Spinner: Sendable {
        private let cpuWord = Atomic<Int32>(-1)
        private let doneWord = Atomic<Bool>(false)
        private let abortedWord = Atomic<Bool>(false)

        /// Negative until the thread is about to enter its section.
        var cpu: Int32 { cpuWord.load(ordering: .acquiring) }
        var isDone: Bool { doneWord.load(ordering: .acquiring) }
        var wasRestarted: Bool { abortedWord.load(ordering: .relaxed) }

        func spin(unblocking signal: Int32?) {
            if let signal {
                var set = sigset_t()
                sigemptyset(&set)
                sigaddset(&set, signal)
                pthread_sigmask(SIG_UNBLOCK, &set, nil)
            }
            cpuWord.store(qpw_rseq_cpu(), ordering: .releasing)
            // A pause is 20 to 140 cycles: this ends within a second even if nothing restarts it.
            abortedWord.store(qpw_rseq_spin(20_000_000), ordering: .relaxed)
            doneWord.store(true, ordering: .releasing)
        }
    }

    private static let attempts = 200

    /// Whether `disturb` ends the section of a thread that spins in one.
    ///
    /// The first attempts may come before the section began; so few fit into a time slice that it is not
    /// preemption that ends it.
    private static func restarts(
        unblocking signal: Int32? = nil, _ disturb: (Spinner, pthread_t) -> Void
    ) -> Bool {
        let spinner = Spinner()
        guard let thread = startThread({ spinner.spin(unblocking: signal) }) else { return false }
        while spinner.cpu < 0 { yieldThread() }
        for _ in 0..<attempts where !spinner.isDone {
            disturb(spinner, thread)
            for _ in 0..<100 { qpw_pause() }
        }
        pthread_join(thread, nil)
        return spinner.wasRestarted
    }

    /// Uses the highest real-time signal that nobody handles, and leaves it as it was found.
    private static func restartsOnSignal() -> Bool {
        // A debugger would stop at the signal, and restarts sections by itself.
        guard !isTraced, let signal = unusedSignal() else { return true }
        var ours = sigaction()
        ours.__sigaction_handler.sa_handler = { _ in }
        ours.sa_flags = SA_RESTART
        var theirs = sigaction()
        guard sigaction(signal, &ours, &theirs) == 0 else { return true }
        defer { sigaction(signal, &theirs, nil) }
        return restarts(unblocking: signal) { _, thread in _ = pthread_kill(thread, signal) }
    }

    private static var isTraced: Bool {
        guard let status = try? SysfsFile.text(of: "/proc/self/status") else { return false }
        return !status.contains("TracerPid:\t0")
    }

    private static func unusedSignal() -> Int32? {
        let highest = __libc_current_sigrtmax(), lowest = __libc_current_sigrtmin()
        return stride(from: highest, through: lowest, by: -1).first { signal in
            var action = sigaction()
            guard sigaction(signal, nil, &action) == 0 else { return false }
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self) == 0
        }
    }
}
#endif
