extension Topology {
    /// A topology that never changes, for tests and simulation.
    ///
    /// Linear in the CPUs.
    ///
    /// - Parameters:
    ///   - possible: not empty.
    ///   - online: nil for ``possible``.
    ///   - allowed: nil for ``online``.
    ///   - isolated: none unless given.
    ///   - nohzFull: none unless given.
    ///   - nodes: in any order; if empty, one node 0 with every possible CPU. A CPU in several nodes is kept
    ///     by the one with the lowest id.
    /// - Precondition: `possible` is not empty, and no two nodes have the same id. CPUs in the other sets
    ///   that are not possible are left out.
    public init(
        possible: CPUSet, online: CPUSet? = nil, allowed: CPUSet? = nil, isolated: CPUSet = [],
        nohzFull: CPUSet = [], nodes: [NUMANode] = []
    ) {
        precondition(!possible.isEmpty, "a topology needs at least one possible CPU")
        precondition(Set(nodes.map(\.id)).count == nodes.count, "two NUMA nodes have the same id")
        self.init(
            possible: possible,
            nodes: nodes.isEmpty ? [NUMANode(id: 0, cpus: possible)] : nodes,
            notes: [],
            source: TopologySource(
                online: online, allowed: allowed, isolated: isolated, nohzFull: nohzFull))
    }
}
