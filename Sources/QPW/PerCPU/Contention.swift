import CQPW
import Synchronization

/// How often a structure's slots were waited for, and how long remote callers held them.
public struct Contention: Sendable, Hashable {
    /// Times that somebody had to wait for a slot.
    public var waits: UInt64 = 0
    /// The longest that a caller from another CPU, or a worker, held a slot, in cycles of ``CycleCounter``.
    ///
    /// Who ran on the slot's CPU as he took it is not counted, however he took it; nor is work that the owner found left
    /// for him.
    public var longestRemoteHold: UInt64 = 0
}

/// The processor's cycle counter, which runs at a constant rate; zero where there is none that programs can read.
public enum CycleCounter {
    /// Some 10 to 20 cycles; not ordered with the loads around it.
    public static func now() -> UInt64 { qpw_cycles() }
}

extension SlotTable {
    var contention: Contention {
        cpus.reduce(into: Contention()) { total, cpu in
            let slot = slot(of: cpu)
            total.waits += slot.contended.pointee.load(ordering: .relaxed)
            total.longestRemoteHold = max(
                total.longestRemoteHold, slot.longestHold.pointee.load(ordering: .relaxed))
        }
    }
}

extension PerCPU where Value: ~Copyable {
    /// Since the structure was made, over all CPUs. Two loads a CPU; disturbs nobody.
    public var contention: Contention { table.contention }
}

extension QPWLock {
    /// Since the lock was made, over all CPUs. Two loads a CPU; disturbs nobody.
    public var contention: Contention { table.contention }
}
