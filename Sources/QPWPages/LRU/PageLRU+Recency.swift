public import QPW
import Synchronization

extension PageLRU {
    /// Puts a new folio on the lists, by way of this CPU's batch, which takes over one reference.
    ///
    /// The inactive list, or the active one after ``prepareRefault(_:_:)`` said so. A restartable push, a few nanoseconds, and
    /// some more where there is a ``heavyWeight``; every 31st call, and for a heavy folio, the list lock. Kernel counterpart:
    /// `folio_add_lru` (mm/swap.c).
    @inlinable @inline(__always)
    public func add(_ folio: Folio) {
        if additions.pushAtOnce(folio.address) { return }
        addWeighed(folio)
    }

    /// Says that a folio is being used: the first time it is marked, the second time it goes to the active list.
    ///
    /// The caller has a reference, or is in a read section after which the folio is freed. One or two loads for a folio that
    /// is marked and active. Kernel counterpart: `folio_mark_accessed` (mm/swap.c).
    @inlinable @inline(__always)
    public func markAccessed(_ folio: Folio) {
        guard folio.isReferenced else { return folio.isReferenced = true }
        if folio.state.isDisjoint(with: [.active, .unevictable]) { activateUsedFolio(folio) }
    }

    @usableFromInline @inline(never)
    func activateUsedFolio(_ folio: Folio) {
        activate(folio)
        folio.isReferenced = false
    }

    /// Puts a folio on the active list. The caller has a reference, or is in a read section.
    ///
    /// One that still sits in this CPU's batch of additions is marked there; in another's it is left alone. Kernel
    /// counterpart: `folio_activate`, `__lru_cache_activate_folio` (mm/swap.c).
    public func activate(_ folio: Folio) {
        let state = folio.state
        guard state.isDisjoint(with: [.active, .unevictable]) else { return }
        if state.contains(.onList) { putUsed(folio, .activate) } else { activateWhereAdded(folio) }
    }

    /// Moves a folio from the active list to the inactive one. Kernel counterpart: `folio_deactivate` (mm/swap.c).
    public func deactivate(_ folio: Folio) {
        guard folio.state.intersection([.active, .unevictable]) == .active else { return }
        putUsed(folio, .deactivate)
    }

    /// Moves a folio to where the next eviction looks first. Kernel counterpart: `deactivate_file_folio` (mm/swap.c).
    public func deactivateFile(_ folio: Folio) {
        guard !folio.state.contains(.unevictable) else { return }
        putUsed(folio, .deactivateFile)
    }

    /// Says that the client will not miss a folio, unless it is used again: it goes to the inactive list, marked.
    ///
    /// Kernel counterpart: `folio_mark_lazyfree` (mm/swap.c).
    public func lazyFree(_ folio: Folio) {
        guard folio.state.isDisjoint(with: [.lazyFree, .unevictable]) else { return }
        putUsed(folio, .lazyFree)
    }

    /// A folio that is on the lists; the batch needs a reference of its own.
    private func putUsed(_ folio: Folio, _ move: Move) {
        if folio.tryRetain() { put(folio, move) }
    }

    /// The batch is the caller's as long as he holds the slot, and a folio in it is on no list: so its state is, too.
    private func activateWhereAdded(_ folio: Folio) {
        batches.slots.withLocal { banks, _ in
            let batch = banks.current.batch(Move.add.rawValue)
            if batch.containsSearchingBackwards(NodeLists.entry(folio)) { folio.insertState(.active) }
        }
    }
}
