import QPW

extension Dirty {
    /// The CPU has exchanged a sheaf since the last tick: a hint, which a tick takes off without the slot.
    static let active = Dirty(rawValue: 2)
    /// The CPU's `rcuFree` sheaf may hold something.
    static let postponed = Dirty(rawValue: 4)
}

extension ObjectCache {
    /// Flushes the sheaves of CPUs that went idle or offline, and gives empty slabs and unused memory back to the system.
    ///
    /// The cache has no thread: call this now and then, every second say, from a thread that may be disturbed. A CPU is idle
    /// that has exchanged no sheaf since the last tick, and so has lived within a hundred objects or so; it refills when it
    /// next allocates. Returns the bytes that the system got. Kernel
    /// counterpart, for CPUs that are offline: `slub_cpu_dead` (mm/slub.c).
    @available(*, noasync) @discardableResult
    public func tick() -> Int {
        let online = sheaves.table.topology.online
        for cpu in sheaves.cpus {
            if sheaves.dirty(of: cpu).contains(.active) && online.contains(cpu) {
                sheaves.dropHints(cpu, .active)
            } else {
                // Which does nothing where there is nothing.
                flush(cpu)
            }
        }
        return stock.giveBack()
    }
}
