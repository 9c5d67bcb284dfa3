import CQPW

@testable import QPW

/// What the tests may count on here; the reasons for skipping are made of it.
enum Machine {
    static let isPortable = System.isPortable

    /// The CPUs that threads can be pinned to; on the portable backend slots that threads are hashed to.
    static let cpus: [CPU] =
        isPortable ? PerCPU<Void>("probe") { _ in }.cpus : Array(Topology.system.allowed)

    static var first: CPU { cpus[0] }
    static var last: CPU { cpus[cpus.count - 1] }

    static let hasTwoCPUs = cpus.count >= 2
    static let pinsThreads = !isPortable && hasTwoCPUs
    static let hasSections = Capabilities.system.rseq == .available
    static let hasFence = hasSections && Capabilities.system.membarrier == .available
    static let hasThreadSanitizer = qpw_thread_sanitizer()

    static let needsPinning = "needs two CPUs to which threads can be pinned"
    static let racesOnPurpose = "races on purpose, which the thread sanitizer would rightly report"
}
