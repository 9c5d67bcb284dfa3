/// What becomes of a folio at the tail of the inactive list that was used since it came there.
public enum SecondChance: Sendable {
    /// It is evicted all the same.
    case none
    /// It goes to the head of the inactive list.
    case rotate
    /// It goes to the active list.
    case activate
}

extension LRUVector.Held {
    /// Takes folios off the tail of the inactive list, for eviction; returns how many.
    ///
    /// What is pinned, or gets a second chance, is put where it belongs; at most four folios are looked at for each that is
    /// wanted, so that a list of nothing else costs a bounded time. Kernel counterpart: `isolate_lru_folios` with
    /// `folio_check_references` (mm/vmscan.c).
    mutating func isolate(
        _ wanted: Int, into folios: UnsafeMutableBufferPointer<Folio>, _ secondChance: SecondChance
    ) -> Int {
        let limit = min(wanted, folios.count)
        var taken = 0
        var looks = 0
        while taken < limit, looks < 4 * limit, let folio = inactive.tail {
            looks += 1
            unlink(folio)
            if keeps(folio, secondChance) {
                link(folio)
            } else {
                folio.insertState(.isolated)
                folios[taken] = folio
                taken += 1
            }
        }
        return taken
    }

    /// Whether a folio stays; its state then says where.
    private func keeps(_ folio: Folio, _ secondChance: SecondChance) -> Bool {
        if folio.isPinned {
            cull(folio)
            return true
        }
        guard folio.isReferenced else { return false }
        switch secondChance {
        case .none: return false
        case .rotate: break
        case .activate:
            folio.insertState(.active)
            addAge(folio.weight)
        }
        folio.removeState(.lazyFree)
        folio.isReferenced = false
        return true
    }

    /// Gives back a folio that was isolated; false if it was removed meanwhile, and the caller has the lists' reference.
    ///
    /// Kernel counterpart: `move_folios_to_lru` (mm/vmscan.c).
    mutating func putBack(_ folio: Folio) -> Bool {
        folio.removeState(.isolated)
        guard !folio.isRemoved else { return false }
        if folio.isPinned { cull(folio) }
        link(folio)
        return true
    }

    /// Moves folios from the tail of the active list to the head of the inactive one; returns how many.
    ///
    /// Those that were used since they came there go round once more; at most twice as many are looked at as are wanted.
    /// Kernel counterpart: `shrink_active_list` (mm/vmscan.c).
    mutating func deactivateOldest(_ wanted: Int) -> Int {
        var moved = 0
        var looks = 0
        while moved < wanted, looks < 2 * wanted, let folio = active.tail {
            looks += 1
            unlink(folio)
            if folio.isPinned {
                cull(folio)
            } else if folio.isReferenced {
                folio.isReferenced = false
            } else {
                folio.removeState(.active)
                moved += 1
            }
            link(folio)
        }
        return moved
    }

    /// Ends a folio's life on the lists. True if the lists had a reference to it, which is now the caller's.
    ///
    /// A folio that is in an add batch, or isolated, is on no list: then the reference is with the batch, or with who
    /// isolated it, and both look at the mark that is left here.
    mutating func remove(_ folio: Folio) -> Bool {
        guard !folio.isRemoved else { return false }
        folio.setRemoved()
        guard folio.state.contains(.onList) else { return false }
        unlink(folio)
        return true
    }
}
