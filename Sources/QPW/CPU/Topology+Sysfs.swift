extension Topology {
    /// The topology that a sysfs tree and an affinity describe.
    ///
    /// Reads `devices/system/cpu/{possible,online,isolated,nohz_full}`, `fs/cgroup/cpuset.cpus.isolated` and
    /// `devices/system/node/node*` below the root. `isolated` and `nohz_full` may be missing: no such CPUs.
    /// `cpuset.cpus.isolated` may be missing or unreadable: the same. The nodes may be missing: one
    /// node 0 with every possible CPU, and a note. Later reads never fail; see each property for what they
    /// fall back to. Cost: about 100 microseconds, and on large machines more, since every entry of the
    /// nodes' directories is looked at.
    ///
    /// - Parameters:
    ///   - sysfsRoot: where sysfs is mounted, such as "/sys".
    ///   - affinity: the CPUs that the calling thread may run on, called at each use of ``allowed``, on the
    ///     thread that uses it; empty if unknown.
    /// - Throws: ``TopologyError`` if a file that has to be there can't be read, or any is no CPU list.
    public init(
        sysfsRoot: String, affinity: @escaping @Sendable () -> CPUSet
    ) throws(TopologyError) {
        let sysfs = SysfsCPUs(root: sysfsRoot)
        let possible = try sysfs.possible()
        // A file that is wrong from the start is a wrong root, not a passing state to fall back from.
        _ = try sysfs.online()
        _ = try sysfs.isolatedAtBoot()
        _ = try sysfs.isolatedByPartitions()
        _ = try sysfs.nohzFull()
        let nodes = try sysfs.nodes()
        self.init(
            possible: possible,
            nodes: nodes ?? [NUMANode(id: 0, cpus: possible)],
            notes: nodes == nil ? ["\(sysfsRoot) has no NUMA nodes: one with every CPU is assumed"] : [],
            source: TopologySource(sysfs, affinity: affinity))
    }
}
