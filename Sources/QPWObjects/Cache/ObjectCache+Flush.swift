public import QPW

/// A CPU's sheaves once they were taken from it.
struct Detached: @unchecked Sendable {
    let main: Sheaf
    let spare: Sheaf?
    let node: Int
    let cpu: CPU

    /// A few stores, with the slot held. What is left is the bootstrap sheaf: until the owner has taken its slot again, and
    /// marked it, there is nothing to flush.
    init(from sheaves: inout CPUSheaves, of cpu: CPU) {
        self.cpu = cpu
        main = sheaves.main
        spare = sheaves.spare
        node = sheaves.node
        sheaves.main = .bootstrap
        sheaves.spare = nil
    }
}

extension ObjectCache {
    /// Gives the objects in all CPUs' sheaves, and in the barns, back to the slabs.
    ///
    /// Only CPUs that have sheaves are visited; what that costs their owners is the policy's business. Sheaves are detached
    /// under their slot's lock, by a few stores, and worked on outside. Objects that are allocated or freed meanwhile may
    /// be in sheaves again when it returns. Kernel counterpart: `flush_all` (mm/slub.c).
    @available(*, noasync)
    public func flush() {
        let detached = Guarded<[Detached]>([])
        sheaves.drain { sheaves, cpu in
            let taken = self.detach(&sheaves, of: cpu)
            detached.withLock { $0.append(taken) }
        }
        for taken in detached.withLock({ $0 }) { putAway(taken) }
        for node in nodes.indices { stock.emptyBarn(node) }
    }

    /// Gives the objects in the sheaves of `cpu` back to the slabs, whether it is online or not.
    ///
    /// Kernel counterpart: `flush_cpu_sheaves`, `slub_cpu_dead` (mm/slub.c).
    @available(*, noasync)
    public func flush(_ cpu: CPU) {
        guard !sheaves.dirty(of: cpu).isEmpty else { return }
        let taken = sheaves.perform(on: cpu) { value in
            // With the slot held, so that no mark is lost; else every tick would come here again.
            sheaves.unmark(cpu, .all)
            return detach(&value, of: cpu)
        }
        putAway(taken)
    }

    /// As ``flush(_:)-(CPU)``, giving up after `timeout`: nothing was flushed then, nor will be.
    @available(*, noasync)
    public func flush(_ cpu: CPU, timeout: Duration) throws(QPWTimeout) {
        guard !sheaves.dirty(of: cpu).isEmpty else { return }
        let taken = try sheaves.perform(on: cpu, timeout: timeout) { value in
            sheaves.unmark(cpu, .all)
            return detach(&value, of: cpu)
        }
        putAway(taken)
    }

    /// Flushes all sheaves and gives empty slabs, and memory of which nothing is used, back to the system.
    ///
    /// Returns the bytes that the system got. Kernel counterpart: `kmem_cache_shrink`.
    @available(*, noasync) @discardableResult
    public func shrink() -> Int {
        flush()
        return stock.giveBack()
    }

    func putAway(_ taken: Detached) {
        stock.statistics.note(.cpuFlush, on: taken.cpu)
        inject(.putAway)
        for sheaf in [taken.main, taken.spare].compactMap({ $0 }) {
            stock.flush(sheaf)
            stock.keepOrDestroy(sheaf, taken.node)
        }
    }

    /// With the slot held. Objects that wait for RCU are handed over before it is left: a ``barrier()`` that then finds no
    /// sheaf here finds its callback.
    func detach(_ sheaves: inout CPUSheaves, of cpu: CPU) -> Detached {
        if let rcuFree = sheaves.rcuFree { stock.freeAfterGracePeriod(rcuFree, sheaves.node) }
        sheaves.rcuFree = nil
        return Detached(from: &sheaves, of: cpu)
    }
}
