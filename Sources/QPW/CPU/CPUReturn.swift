/// Whether a CPU that is taken offline comes back to the threads that were allowed it.
///
/// A cpuset of cgroup v1, other than the root's, loses a CPU for good when it goes offline: nothing remembers that it had
/// it. Threads there can't be pinned to the CPU any more, online or not. Version 2 keeps what was configured apart from
/// what is effective. Kernel counterpart: `hotplug_update_tasks_legacy()`, `kernel/cgroup/cpuset-v1.c`.
package enum CPUReturn {
    /// What speaks against taking a CPU offline on this machine; nil if nothing does.
    ///
    /// Reads two small files of `/proc` below `root`, and the directory of the cpusets.
    package static func obstacle(root: String = "") -> String? {
        guard let groups = try? SysfsFile.text(of: "\(root)/proc/self/cgroup"),
            let own = groups.split(separator: "\n").lazy.compactMap(pathOfLegacyCPUSet).first
        else { return nil }
        guard own == "/" else { return "the cpuset \(own), of cgroup v1, would lose the CPU for good" }
        guard let mounts = try? SysfsFile.text(of: "\(root)/proc/self/mountinfo"),
            let mount = mounts.split(separator: "\n").lazy.compactMap(mountOfLegacyCPUSets).first,
            let names = try? SysfsFile.names(in: root + mount),
            names.contains(onlyInTheRoot)
        else { return "this container doesn't see which cpusets of cgroup v1 would lose the CPU for good" }
        let groupsBelow = names.filter {
            !$0.hasPrefix(".") && (try? SysfsFile.names(in: "\(root)\(mount)/\($0)")) != nil
        }
        guard let one = groupsBelow.min() else { return nil }
        return "the cpuset /\(one), of cgroup v1, would lose the CPU for good"
    }

    /// A namespace shows some other cpuset as the root's.
    private static let onlyInTheRoot = "cpuset.memory_pressure_enabled"

    /// "/a" in "3:cpuset,cpu:/a"; version 2's line names no controllers.
    private static func pathOfLegacyCPUSet(_ line: Substring) -> Substring? {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[1].split(separator: ",").contains("cpuset") else { return nil }
        return fields[2]
    }

    /// "/sys/fs/cgroup/cpuset" in "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset".
    private static func mountOfLegacyCPUSets(_ line: Substring) -> String? {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), fields.count == dash + 4, dash > 5,
            fields[dash + 1] == "cgroup", fields[dash + 3].split(separator: ",").contains("cpuset"),
            fields[3] == "/"
        else { return nil }
        return String(fields[4])
    }
}
