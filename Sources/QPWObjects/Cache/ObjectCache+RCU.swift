import QPW

extension ObjectCache {
    /// Frees an object once every read section of the cache's RCU domain that began before the call has ended.
    ///
    /// Objects gather in this CPU's `rcuFree` sheaf; a full one is handed to RCU as a whole and afterwards goes to the barn,
    /// so that objects freed here can be allocated anywhere. Never waits for readers. Until the sheaf is full, or
    /// ``barrier()`` or ``flush()`` is called, its objects stay where they are. Some 20 cycles. Kernel counterpart:
    /// `kfree_rcu` by way of `__kfree_rcu_sheaf` (mm/slub.c).
    @available(*, noasync)
    public func deallocate(afterGracePeriod object: UnsafeMutableRawPointer) {
        let object = Object(address: object)
        let node = stock.node(of: object.address)
        var brought: Sheaf?
        while true {
            let step = sheaves.withLocal { value, cpu in
                if !value.isBypassed { sheaves.markDirty(cpu, [.some, .active, .postponed]) }
                return postpone(object, of: node, &value, empty: brought)
            }
            switch step {
            case .taken(let surplus):
                if let surplus { stock.keepOrDestroy(surplus, node) }
                return stock.statistics.note(.freeRCUSheaf)
            case .needsEmpty:
                brought = stock.makeSheaf()
                if brought == nil { return stock.freeAfterGracePeriod(object) }
            case .bypass:
                if let brought { stock.keepOrDestroy(brought, node) }
                return stock.freeAfterGracePeriod(object)
            }
        }
    }

    /// Waits until all objects that were freed by ``deallocate(afterGracePeriod:)`` before the call are free.
    ///
    /// Only CPUs whose `rcuFree` sheaf may hold something are visited; their other sheaves stay.
    /// Must not be called in a read section, in a callback of RCU, nor while holding a slot. Kernel counterpart:
    /// `kvfree_rcu_barrier`.
    @available(*, noasync)
    public func barrier() {
        handOverPostponed()
        rcu.barrier()
    }

    /// Gives RCU what waits in CPUs' sheaves for that.
    func handOverPostponed() {
        sheaves.drain(where: { $0.contains(.postponed) }, clearing: .postponed) { value, cpu in
            if let sheaf = value.rcuFree { self.stock.freeAfterGracePeriod(sheaf, value.node) }
            value.rcuFree = nil
            if !value.hasSheaves { self.sheaves.unmark(cpu, .all) }
        }
    }
}

// MARK: - Into the sheaf, and out of it

extension ObjectCache {
    private enum Deferral {
        /// And the sheaf that the caller had brought was not needed.
        case taken(Sheaf?)
        case needsEmpty
        case bypass
    }

    private func postpone(
        _ object: Object, of node: Int, _ sheaves: inout CPUSheaves, empty: Sheaf?
    ) -> Deferral {
        if sheaves.isBypassed || sheaves.node != node { return .bypass }
        var left = empty
        if sheaves.rcuFree == nil {
            // From the stall that it will come back to when it is full.
            let stall = nodes[node].barn.origin(of: object.address)
            guard let sheaf = stall.takeEmpty() ?? left else { return .needsEmpty }
            if sheaf.stack == left?.stack { left = nil }
            sheaves.rcuFree = sheaf
        }
        guard let sheaf = sheaves.rcuFree else { return .needsEmpty }
        sheaf.push(object.address)
        if sheaf.isFull {
            // Handed over before the slot is left: a barrier that then finds no sheaf here finds its callback.
            sheaves.rcuFree = nil
            stock.freeAfterGracePeriod(sheaf, node)
        }
        return .taken(left)
    }
}
