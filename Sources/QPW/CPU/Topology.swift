/// The machine's CPUs and NUMA nodes, and which of them this thread may use now.
///
/// What cannot change after boot is read once: ``possible`` and ``nodes``. What can is read anew at each
/// use: ``online``, ``allowed``, ``isolated``, ``nohzFull`` and what derives from them. So the next use
/// notices hotplug and changes of affinity, and no thread polls. Two uses may differ; take a copy to decide
/// several things about one state.
///
/// Safe on any thread; ``allowed`` is that of the thread that asks. Nothing here is meant for a hot path:
/// a read costs a system call or a small file, about 1 or 10 microseconds, and allocates.
public struct Topology: Sendable {
    /// The CPUs that this machine can ever have; never empty.
    ///
    /// Ids may have gaps. Every other set here is a subset. Read once, constant time.
    ///
    /// Kernel counterpart: `cpu_possible_mask` (`include/linux/cpumask.h`), shown by `show_cpus_attr()`
    /// (`drivers/base/cpu.c`).
    public let possible: CPUSet

    /// The NUMA nodes in ascending order of ids; never empty.
    ///
    /// A CPU is in at most one node. A CPU that was not plugged in when this was read may be in none. Read
    /// once, constant time.
    ///
    /// Kernel counterpart: `cpumask_of_node()` (`include/linux/topology.h`), shown by `node_read_cpumap()`
    /// and `register_cpu_under_node()` (`drivers/base/node.c`).
    public let nodes: [NUMANode]

    /// What this topology had to assume, one sentence each; empty if everything was read.
    public let notes: [String]

    let source: TopologySource

    // Indexed by CPU id, for every id up to the highest possible one.
    private let nodeOfCPU: [NUMANode.ID?]

    init(possible: CPUSet, nodes: [NUMANode], notes: [String], source: TopologySource) {
        var nodeOfCPU = [NUMANode.ID?](repeating: nil, count: possible.last.map { $0.id + 1 } ?? 0)
        var unclaimed = possible
        self.nodes = nodes.sorted { $0.id < $1.id }.map { node in
            // While the kernel moves a CPU to another node, both list it.
            let cpus = node.cpus.intersection(unclaimed)
            unclaimed.subtract(cpus)
            for cpu in cpus { nodeOfCPU[cpu.id] = node.id }
            return NUMANode(id: node.id, cpus: cpus)
        }
        self.possible = possible
        self.notes = notes
        self.source = source
        self.nodeOfCPU = nodeOfCPU
    }

    /// One more than the highest possible id: the length of an array that is indexed by CPU id.
    ///
    /// In 1...65536. Read once, constant time.
    ///
    /// Kernel counterpart: `nr_cpu_ids` (`kernel/smp.c`, `setup_nr_cpu_ids()`).
    public var slotCount: Int { nodeOfCPU.count }

    /// The node of a CPU; nil if the CPU is not possible or its node not known.
    ///
    /// Read once, constant time.
    ///
    /// Kernel counterpart: `cpu_to_node()` (`include/linux/topology.h`).
    public func node(of cpu: CPU) -> NUMANode.ID? {
        cpu.id < nodeOfCPU.count ? nodeOfCPU[cpu.id] : nil
    }
}
