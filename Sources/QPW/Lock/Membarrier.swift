#if os(Linux) && !QPW_PORTABLE
import CQPW

extension SlotTable {
    /// Restarts the section that a thread of this process is in on the slot's CPU, and orders memory there.
    ///
    /// The kernel answers 0 for a CPU that is offline or beyond its range, rightly: no thread of ours is there. Where
    /// it refuses one CPU it is asked for all; where it refuses that too, after having agreed at bootstrap, no answer
    /// would be right.
    func restartSections(on slot: Slot) {
        let id = Int32(slot.cpu.id)
        guard qpw_membarrier_cpu(id) != 0 else { return }
        let error = qpw_membarrier_all()
        guard error == 0 else {
            trap(
                "membarrier stopped working (error \(-error)): '\(name)' can no longer be reached from other CPUs. "
                    + "Was a seccomp filter installed after start-up? Install it before, or set QPW=lock.")
        }
    }
}
#endif
