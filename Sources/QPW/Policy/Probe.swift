import CQPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Capabilities {
    /// This process's, probed at first use; under a millisecond, or 15 ms once the process has threads.
    package static let system = probe()

    #if os(Linux) && !QPW_PORTABLE
    private static func probe() -> Capabilities {
        let rseq = probeRseq()
        let membarrier = probeMembarrier()
        guard rseq == .available, membarrier == .available else {
            return Capabilities(rseq: rseq, membarrier: membarrier)
        }
        return SectionSelfTest.run()
    }

    private static func probeRseq() -> Availability {
        if qpw_thread_sanitizer() {
            return .missing("the thread sanitizer cannot see into restartable sequences")
        }
        if !qpw_rseq_has_sections() {
            return .missing("restartable sequences have not been proven on this architecture or C library")
        }
        if !qpw_rseq_registered() {
            return .missing(
                "this thread has no restartable sequences: they need Linux 4.18, glibc 2.35, "
                    + "and the tunable glibc.pthread.rseq left on")
        }
        return .available
    }

    private static func probeMembarrier() -> Availability {
        let commands = qpw_membarrier_query()
        guard commands >= 0, commands & Int32(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ.rawValue) != 0 else {
            return .missing("the kernel has no membarrier for restartable sequences: it needs Linux 5.10")
        }
        let error = qpw_membarrier_register()
        return error == 0 ? .available : .missing("membarrier could not be registered (error \(-error))")
    }
    #else
    private static func probe() -> Capabilities {
        let reason = cpusOfBackend.reason ?? ""
        return Capabilities(rseq: .missing(reason), membarrier: .missing(reason))
    }
    #endif
}
