public import QPW

// A folio's pins are counted in its header, from the moment of the call: who evicts looks there. What waits in a batch is
// only its move between the lists, and only the first pin and the last unpin ask for one. A batch may be late, and several
// may disagree about the order, so its entries do not say "pin" or "unpin" but "look at the count": with the list lock held
// the folio goes to the side that the count then calls for. After each change of the count an entry follows that is looked
// at later than the change; so after the last of them all, the side is right. (The kernel keeps its count under the list
// lock, in the batches' order, and so may count too little.)

extension PageLRU {
    /// Pins a folio: it is not evicted until ``unpin(_:)`` was called as often.
    ///
    /// False, and nothing happened, if it is being evicted. The caller has a reference. One atomic addition; for the
    /// first pin another, and an entry in this CPU's batch. Kernel counterpart: `mlock_folio` (mm/mlock.c).
    public func pin(_ folio: Folio) -> Bool {
        guard let count = folio.addPin() else { return false }
        if count == 1 { putSettling(folio) }
        return true
    }

    /// Adds a new folio, in place of ``add(_:)``, that is pinned at once: it goes straight to the unevictable list.
    ///
    /// The batch takes over one reference. Kernel counterpart: `mlock_new_folio` (mm/mlock.c).
    public func pinNew(_ folio: Folio) {
        _ = folio.addPin()
        putPinned(folio, NodeLists.newEntry(folio))
    }

    /// Undoes one ``pin(_:)`` or ``pinNew(_:)``. The caller has a reference. Traps if the folio is not pinned.
    ///
    /// Kernel counterpart: `munlock_folio` (mm/mlock.c).
    public func unpin(_ folio: Folio) {
        if folio.dropPin() == 0 { putSettling(folio) }
    }

    private func putSettling(_ folio: Folio) {
        inject(.settling)
        folio.retain()
        putPinned(folio, NodeLists.entry(folio))
    }

    private func putPinned(_ folio: Folio, _ entry: UInt) {
        let isHeavy = folio.weight >= heavyWeight
        let dead = pinned.slots.withLocal { banks, cpu in
            var dead = DeadFolios()
            let batch = banks.current.batch(0)
            batch.append(entry)
            if batch.isFull || isHeavy || isBatchingDisabled {
                moveNow(batch, .settle, .wait, in: pinned, &banks, cpu, letting: &dead)
            } else if batch.count == 1 {
                pinned.slots.markDirty(cpu)
            }
            return dead
        }
        if !dead.isEmpty { bury(dead) }
    }
}

// MARK: - Drains of pins alone

extension PageLRU {
    /// Moves what pins and unpins have left in this CPU's batch. Kernel counterpart: `mlock_drain_local` (mm/mlock.c).
    @available(*, noasync)
    public func drainPinsLocal() { bury(moveLocal(pinned)) }

    /// The same for a CPU that is offline. Kernel counterpart: `mlock_drain_remote` (mm/mlock.c).
    ///
    /// For one that is online it works as well, at the price of the policy.
    @available(*, noasync)
    public func drainPinsOffline(_ cpu: CPU) {
        turns.gate.enter()
        visit(cpu, pinned, .needyCPUs)
        moveDetached()
        turns.gate.leave()
    }

    /// Whether pins or unpins wait in the batch of `cpu`. Kernel counterpart: `need_mlock_drain` (mm/mlock.c).
    public func needsPinDrain(_ cpu: CPU) -> Bool { pinned.needsDrain(cpu, .needyCPUs) }
}
