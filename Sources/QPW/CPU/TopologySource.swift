/// Where a topology reads what changes while the machine runs; nil: it can't be read now.
struct TopologySource: Sendable {
    let online: @Sendable () -> CPUSet?
    let allowed: @Sendable () -> CPUSet?
    let isolated: @Sendable () -> CPUSet?
    let nohzFull: @Sendable () -> CPUSet?
}

extension TopologySource {
    /// Nothing changes; nil stays unreadable.
    init(online: CPUSet?, allowed: CPUSet?, isolated: CPUSet, nohzFull: CPUSet) {
        self.init(
            online: { online }, allowed: { allowed }, isolated: { isolated }, nohzFull: { nohzFull })
    }

    init(_ sysfs: SysfsCPUs, affinity: @escaping @Sendable () -> CPUSet) {
        self.init(
            online: { try? sysfs.online() },
            allowed: {
                // A thread may always run somewhere: empty means unknown.
                let cpus = affinity()
                return cpus.isEmpty ? nil : cpus
            },
            isolated: {
                // One of them that can't be read says nothing of the other.
                let atBoot = (try? sysfs.isolatedAtBoot()) ?? []
                return atBoot.union((try? sysfs.isolatedByPartitions()) ?? [])
            },
            nohzFull: { try? sysfs.nohzFull() })
    }
}
