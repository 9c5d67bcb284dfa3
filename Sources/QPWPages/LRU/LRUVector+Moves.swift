/// What a batch does with its folios. The raw value is the batch's place in its bank.
enum Move: Int {
    case add
    case deactivateFile
    case deactivate
    case lazyFree
    case activate
    /// In a bank of its own.
    case moveTail
    /// The same: what pins and unpins leave behind.
    case settle
    case addPinned
}

extension LRUVector.Held {
    /// Does with a folio what its batch is for.
    ///
    /// False if the lists do not take over the reference that came with it. A batch is late news: whatever it wants done,
    /// the folio may have been removed, isolated or pinned since.
    mutating func perform(_ move: Move, on folio: Folio) -> Bool {
        switch move {
        case .add, .addPinned: return add(folio)
        case .deactivateFile: deactivateFile(folio)
        case .deactivate: deactivate(folio)
        case .lazyFree: lazyFree(folio)
        case .activate: activate(folio)
        case .moveTail: moveTail(folio)
        case .settle: settle(folio)
        }
        return false
    }

    /// Kernel counterpart: `lru_add` (mm/swap.c), `__mlock_new_folio` (mm/mlock.c).
    private mutating func add(_ folio: Folio) -> Bool {
        guard !folio.isRemoved else { return false }
        if folio.isPinned { cull(folio) }
        link(folio)
        return true
    }

    /// Kernel counterpart: `lru_activate` (mm/swap.c), `workingset_activation` (mm/workingset.c).
    mutating func activate(_ folio: Folio) {
        guard folio.isMovable, !folio.state.contains(.active) else { return }
        unlink(folio)
        folio.removeState(.lazyFree)
        folio.insertState(.active)
        link(folio)
        addAge(folio.weight)
    }

    /// Kernel counterpart: `lru_deactivate` (mm/swap.c).
    mutating func deactivate(_ folio: Folio) {
        guard folio.isMovable, folio.state.contains(.active) else { return }
        unlink(folio)
        folio.removeState(.active)
        folio.isReferenced = false
        link(folio)
    }

    /// Kernel counterpart: `lru_deactivate_file` (mm/swap.c), for a folio that needs no writing back.
    private mutating func deactivateFile(_ folio: Folio) {
        guard folio.isMovable else { return }
        unlink(folio)
        folio.removeState(.active)
        folio.isReferenced = false
        linkAtTail(folio)
    }

    /// Kernel counterpart: `lru_lazyfree` (mm/swap.c).
    private mutating func lazyFree(_ folio: Folio) {
        guard folio.isMovable, !folio.state.contains(.lazyFree) else { return }
        unlink(folio)
        folio.removeState(.active)
        folio.insertState(.lazyFree)
        folio.isReferenced = false
        link(folio)
    }

    /// Kernel counterpart: `lru_move_tail` (mm/swap.c).
    private mutating func moveTail(_ folio: Folio) {
        guard folio.isMovable else { return }
        unlink(folio)
        folio.removeState(.active)
        linkAtTail(folio)
    }

    /// Puts a folio on the side that its pin count calls for now, which may have changed again since the batch got it.
    ///
    /// Kernel counterpart: `__mlock_folio`, `__munlock_folio` (mm/mlock.c).
    private mutating func settle(_ folio: Folio) {
        guard folio.state.contains(.onList) else { return }
        let isUnevictable = folio.state.contains(.unevictable)
        guard folio.isPinned != isUnevictable else { return }
        unlink(folio)
        if isUnevictable { rescue(folio) } else { cull(folio) }
        link(folio)
    }
}

extension Folio {
    /// On one of the lists between which recency moves it.
    var isMovable: Bool { state.intersection([.onList, .unevictable]) == .onList }
}
