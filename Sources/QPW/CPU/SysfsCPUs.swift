#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The CPUs and nodes that a sysfs tree describes, read anew by each call.
struct SysfsCPUs: Sendable {
    let root: String

    func possible() throws(TopologyError) -> CPUSet {
        let cpus = try list("cpu/possible")
        guard !cpus.isEmpty else { throw .empty(file: path("cpu/possible")) }
        return cpus
    }

    func online() throws(TopologyError) -> CPUSet {
        try list("cpu/online")
    }

    /// Those that were isolated at boot (`isolcpus=`). Kernels before 4.2 lack the file.
    func isolatedAtBoot() throws(TopologyError) -> CPUSet {
        try listIfPresent("cpu/isolated") ?? []
    }

    /// Those of isolated cpuset partitions (`isolated_cpus`, `kernel/cgroup/cpuset.c`): `cpu/isolated` leaves them out.
    ///
    /// Only the root of cgroup v2 has the file, since Linux 6.7. A machine need not mount it, and a container sees a
    /// cgroup of its own there: what can't be read for any reason is no error.
    func isolatedByPartitions() throws(TopologyError) -> CPUSet {
        do {
            return try list(at: "\(root)/fs/cgroup/cpuset.cpus.isolated")
        } catch .unreadable {
            return []
        }
    }

    // Kernels without CONFIG_NO_HZ_FULL lack the file.
    func nohzFull() throws(TopologyError) -> CPUSet {
        do {
            return try listIfPresent("cpu/nohz_full") ?? []
        } catch .malformed(_, .malformed("(null)")) {
            // How "%*pbl" prints the mask that a boot without nohz_full= never allocated
            // (`print_cpus_nohz_full()`, `drivers/base/cpu.c`).
            return []
        }
    }

    /// Nil if the tree has no nodes, as without CONFIG_NUMA.
    func nodes() throws(TopologyError) -> [NUMANode]? {
        guard let names = try namesIfPresent("node") else { return nil }
        var nodes: [NUMANode] = []
        for id in names.compactMap({ number(in: $0, after: "node") }) {
            nodes.append(NUMANode(id: id, cpus: try cpus(ofNode: id)))
        }
        return nodes.isEmpty ? nil : nodes
    }

    /// `cpulist` leaves out CPUs that are offline now (`node_read_cpumap()`, `drivers/base/node.c`), but the
    /// node has a link to each CPU that is present (`register_cpu_under_node()`, same file).
    private func cpus(ofNode id: Int) throws(TopologyError) -> CPUSet {
        var cpus = try list("node/node\(id)/cpulist")
        for name in try namesIfPresent("node/node\(id)") ?? [] {
            if let cpu = number(in: name, after: "cpu") { cpus.insert(CPU(cpu)) }
        }
        return cpus
    }

    private func path(_ name: String) -> String {
        "\(root)/devices/system/\(name)"
    }

    private func list(_ name: String) throws(TopologyError) -> CPUSet { try list(at: path(name)) }

    private func list(at path: String) throws(TopologyError) -> CPUSet {
        let text = try SysfsFile.text(of: path)
        do {
            return try CPUSet(kernelList: text)
        } catch {
            throw .malformed(file: path, error)
        }
    }

    private func listIfPresent(_ name: String) throws(TopologyError) -> CPUSet? {
        do {
            return try list(name)
        } catch .unreadable(_, code: ENOENT) {
            return nil
        }
    }

    private func namesIfPresent(_ name: String) throws(TopologyError) -> [String]? {
        do {
            return try SysfsFile.names(in: path(name))
        } catch .unreadable(_, code: ENOENT) {
            return nil
        }
    }

    /// 12 in "node12" after "node"; nil in any name of another form. A CPU id if it is not nil.
    private func number(in name: String, after prefix: String) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        return UInt16(name.dropFirst(prefix.count)).map(Int.init)
    }
}
