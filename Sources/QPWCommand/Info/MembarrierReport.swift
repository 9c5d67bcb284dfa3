import CQPW
import QPW

/// Whether a section on another CPU can be restarted.
struct MembarrierReport: Encodable {
    var commands: Int32
    var usable: Bool
    var reason: String?

    static func ofThisKernel() -> MembarrierReport {
        #if os(Linux) && !QPW_PORTABLE
        let commands = max(0, qpw_membarrier_query())
        #else
        let commands: Int32 = 0
        #endif
        let availability = Capabilities.system.membarrier
        return MembarrierReport(
            commands: commands, usable: availability == .available, reason: availability.reason)
    }
}
