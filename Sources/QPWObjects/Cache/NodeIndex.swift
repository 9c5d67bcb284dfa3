import QPW

/// NUMA nodes as 0, 1, 2, …, whatever ids the system gives them.
struct NodeIndex {
    private let ofCPU: [Int]
    let count: Int

    init(_ topology: Topology) {
        let populated = topology.nodes.filter { !$0.cpus.isEmpty }
        count = max(1, populated.count)
        var ofCPU = [Int](repeating: 0, count: topology.slotCount)
        for (index, node) in populated.enumerated() {
            for cpu in node.cpus where cpu.id < ofCPU.count { ofCPU[cpu.id] = index }
        }
        self.ofCPU = ofCPU
    }

    subscript(cpu: CPU) -> Int { cpu.id < ofCPU.count ? ofCPU[cpu.id] : 0 }
}
