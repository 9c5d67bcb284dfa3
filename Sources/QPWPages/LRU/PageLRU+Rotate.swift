import QPW

extension PageLRU {
    /// Moves a folio to where the next eviction looks first, now that it can be evicted at once.
    ///
    /// Made for signal handlers: its slot is taken with signals blocked, at two system calls, and it waits for no list lock,
    /// since the handler may have interrupted its holder: if the batch is full and stays so, the hint is dropped. It frees
    /// nothing, but leaves that to the next drain. In debug builds not for handlers: lock checking allocates. Kernel counterpart: `folio_rotate_reclaimable` (mm/swap.c).
    public func rotate(_ folio: Folio) {
        guard folio.isMovable, folio.tryRetain() else { return }
        let dead = tails.slots.withLocalMaskingSignals { banks, cpu in putAtTail(folio, &banks, cpu) }
        limbo.push(dead)
    }

    private func putAtTail(_ folio: Folio, _ banks: inout CPUBanks, _ cpu: CPU) -> DeadFolios {
        var dead = DeadFolios()
        let batch = banks.current.batch(0)
        // Full since a time when the list lock could not be had.
        if batch.isFull { nodes.empty(batch, .moveTail, .leave, letting: &dead) }
        guard !batch.isFull else {
            dead.drop(folio)
            return dead
        }
        batch.append(NodeLists.entry(folio))
        if batch.isFull || folio.weight >= heavyWeight || isBatchingDisabled {
            moveNow(batch, .moveTail, .leave, in: tails, &banks, cpu, letting: &dead)
        } else if batch.count == 1 {
            tails.slots.markDirty(cpu)
        }
        return dead
    }
}
