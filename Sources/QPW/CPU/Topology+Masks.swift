extension Topology {
    /// The CPUs that are plugged in and running now; ``possible`` if that can't be read.
    ///
    /// Read anew: one small file.
    ///
    /// Kernel counterpart: `cpu_online_mask` (`include/linux/cpumask.h`), shown by `show_cpus_attr()`
    /// (`drivers/base/cpu.c`).
    public var online: CPUSet {
        possible.intersection(source.online() ?? possible)
    }

    /// The CPUs that the calling thread may run on now; ``online`` if that can't be read.
    ///
    /// Read anew: one system call.
    ///
    /// Kernel counterpart: `sched_getaffinity()` (`kernel/sched/syscalls.c`, before 6.11
    /// `kernel/sched/core.c`).
    public var allowed: CPUSet {
        source.allowed().map(possible.intersection) ?? online
    }

    /// The CPUs that the scheduler does not balance load onto; what can't be read counts for none.
    ///
    /// Those that were isolated at boot (`isolcpus=`), and those of isolated cpuset partitions, which come and
    /// go at run time. The latter are shown by the root of cgroup v2 only, from Linux 6.7: in a container with a
    /// cgroup namespace of its own they can't be seen.
    ///
    /// Read anew: two small files.
    ///
    /// Kernel counterpart: the complement of `housekeeping_cpumask(HK_TYPE_DOMAIN)`
    /// (`kernel/sched/isolation.c`), of which `print_cpus_isolated()` (`drivers/base/cpu.c`) shows the part
    /// of boot; `isolated_cpus` (`kernel/cgroup/cpuset.c`).
    public var isolated: CPUSet {
        possible.intersection(source.isolated() ?? [])
    }

    /// The CPUs whose tick stops while they run one thread (`nohz_full=`); empty if that can't be read.
    ///
    /// Read anew: one small file.
    ///
    /// Kernel counterpart: `tick_nohz_full_mask` (`kernel/time/tick-sched.c`), shown by
    /// `print_cpus_nohz_full()` (`drivers/base/cpu.c`).
    public var nohzFull: CPUSet {
        possible.intersection(source.nohzFull() ?? [])
    }

    /// The CPUs that must not be disturbed: ``isolated`` and ``nohzFull`` together.
    ///
    /// Read anew: three small files.
    public var quiet: CPUSet {
        isolated.union(nohzFull)
    }

    /// True if this CPU must not be disturbed, that is, if it is in ``quiet``.
    ///
    /// Read anew: at most three small files.
    ///
    /// Kernel counterpart: `!housekeeping_cpu()` (`include/linux/sched/isolation.h`).
    public func isQuiet(_ cpu: CPU) -> Bool {
        isolated.contains(cpu) || nohzFull.contains(cpu)
    }

    /// The CPUs that may be given work which belongs to no CPU in particular.
    ///
    /// Those that are online and allowed, without the quiet ones. If that leaves none, because every CPU
    /// that the thread may use is quiet, then those that are online and allowed: the work has to be done
    /// somewhere, and the thread was put there. Empty only if no allowed CPU is online.
    ///
    /// Read anew: four small files and a system call.
    ///
    /// Kernel counterpart: `housekeeping_cpumask()` (`kernel/sched/isolation.c`).
    public var housekeeping: CPUSet { housekeeping(among: allowed) }

    /// The same for a thread, or a program, that may run on `allowed`.
    func housekeeping(among allowed: CPUSet) -> CPUSet {
        let usable = online.intersection(allowed)
        let undisturbing = usable.subtracting(quiet)
        return undisturbing.isEmpty ? usable : undisturbing
    }
}
