/// A NUMA node: memory, and the CPUs that are near it.
///
/// A value, safe on any thread.
///
/// Kernel counterpart: `struct node` (`include/linux/node.h`), `/sys/devices/system/node/node<id>`.
public struct NUMANode: Sendable, Identifiable {
    /// The operating system's number of this node, 0 or more; the numbers of a machine may have gaps.
    public let id: Int

    /// The CPUs of this node; empty for a node that has memory alone.
    public let cpus: CPUSet

    /// The node with this id and these CPUs.
    ///
    /// - Precondition: `id` is not negative.
    public init(id: Int, cpus: CPUSet) {
        precondition(id >= 0, "a NUMA node id must not be negative")
        self.id = id
        self.cpus = cpus
    }
}
