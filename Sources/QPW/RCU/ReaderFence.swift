#if os(Linux) && !QPW_PORTABLE
import CQPW
#endif

/// The two system calls by which a grace period orders itself with readers that use no fence: tests put
/// theirs in place.
struct ReaderFence: Sendable {
    /// A full barrier, which also restarts sections, on one CPU, if a thread of this process runs there.
    let one: @Sendable (CPU) -> Void
    /// The same on every CPU on which a thread of this process runs.
    let all: @Sendable () -> Void

    #if os(Linux) && !QPW_PORTABLE
    static let system = ReaderFence(
        one: { cpu in
            // The kernel answers 0 for a CPU that is offline: rightly, since no thread of ours is there.
            if qpw_membarrier_cpu(Int32(cpu.id)) != 0 { everywhere() }
        },
        all: { everywhere() })

    private static func everywhere() {
        let error = qpw_membarrier_all()
        guard error == 0 else {
            trap(
                "membarrier stopped working (error \(-error)): grace periods can no longer be told from what "
                    + "readers do. Was a seccomp filter installed after start-up? Install it before.")
        }
    }
    #else
    /// Never called: without sections every reader fences itself.
    static let system = ReaderFence(one: { _ in }, all: {})
    #endif
}
