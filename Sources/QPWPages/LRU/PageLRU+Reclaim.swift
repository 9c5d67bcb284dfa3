import Synchronization

// What a client does to evict:
//
//     let taken = lru.isolate(32, node: node, into: buffer)      // the lists' references are now the client's
//     for each: if folio.beginEviction(), the client takes it out of its table and calls lru.evicted(folio);
//               else it stays, among those for lru.putBack(_:)

extension PageLRU {
    /// Takes up to `count` folios off the tail of a node's inactive list, for eviction; returns how many.
    ///
    /// The lists' references are the caller's until ``evicted(_:)`` or ``putBack(_:)``. Pinned folios go to the
    /// unevictable list, used ones get their second chance; at most four are looked at for each that is wanted. One
    /// list lock. Kernel counterpart: `isolate_lru_folios` (mm/vmscan.c).
    public func isolate(
        _ count: Int, node: Int, into folios: UnsafeMutableBufferPointer<Folio>,
        secondChance: SecondChance = .activate
    ) -> Int {
        nodes[node].withLock { $0.isolate(count, into: folios, secondChance) }
    }

    /// Says that an isolated folio is evicted, and drops the lists' reference.
    ///
    /// What is returned tells later how long ago that was. The client has taken it out of its table, and has a
    /// reference of its own still, or has dropped it. One list lock. Kernel counterpart: `workingset_eviction`
    /// (mm/workingset.c).
    public func evicted(_ folio: Folio) -> EvictionStamp {
        let stamp = nodes[folio.node].withLock { held in
            let age = held.nonresidentAge.load(ordering: .relaxed)
            held.addAge(folio.weight)
            return EvictionStamp(
                age: age, node: folio.node, wasInWorkingset: folio.state.contains(.workingset))
        }
        release(folio)
        return stamp
    }

    /// Gives back isolated folios that were not evicted.
    ///
    /// To the list that each one's state and pins call for, at its head. One list lock for each node. Kernel counterpart: `move_folios_to_lru` (mm/vmscan.c).
    public func putBack(_ folios: UnsafeBufferPointer<Folio>) {
        forEachNode(of: folios) { held, folio, dead in
            if !held.putBack(folio) { dead.drop(folio) }
        }
    }

    /// Moves up to `count` of a node's active folios that were not used lately to its inactive list; returns how many.
    ///
    /// One list lock. Kernel counterpart: `shrink_active_list` (mm/vmscan.c).
    @discardableResult
    public func deactivateOldest(_ count: Int, node: Int) -> Int {
        nodes[node].withLock { $0.deactivateOldest(count) }
    }

    /// Whether a node's inactive list weighs less than its active one, so that it should get something from there.
    ///
    /// A few loads. Kernel counterpart: `inactive_is_low` (mm/vmscan.c), for little memory.
    public func isInactiveLow(node: Int) -> Bool {
        let sizes = nodes[node].sizes
        return sizes.inactive.weight < sizes.active.weight
    }

    /// For a new folio whose like was evicted: tells whether it belongs to the working set.
    ///
    /// If that was not long ago it does, and ``add(_:)`` puts it on the active list. Call it before ``add(_:)``. A few
    /// loads. Kernel counterpart: `workingset_refault`, `workingset_test_recent` (mm/workingset.c).
    @discardableResult
    public func prepareRefault(_ folio: Folio, _ stamp: EvictionStamp) -> Bool {
        guard stamp.node < nodes.count else { return false }
        let vector = nodes[stamp.node]
        guard stamp.distance(to: vector.age) <= UInt64(vector.sizes.active.weight) else { return false }
        folio.insertState([.active, .workingset])
        return true
    }

    /// Takes a folio off the lists, wherever it is, for good: off its list, or out of who has it in a batch or isolated.
    ///
    /// The lists' reference is dropped, by this call or by them; the client's is not. Once is enough, more does no
    /// harm. One list lock. Kernel counterpart: `__page_cache_release` (mm/swap.c).
    public func remove(_ folio: Folio) {
        if nodes[folio.node].withLock({ $0.remove(folio) }) { release(folio) }
    }

    /// As ``remove(_:)`` for many, with one list lock for each node.
    public func remove(_ folios: UnsafeBufferPointer<Folio>) {
        forEachNode(of: folios) { held, folio, dead in
            if held.remove(folio) { dead.drop(folio) }
        }
    }

    private func forEachNode(
        of folios: UnsafeBufferPointer<Folio>,
        _ body: (inout LRUVector.Held, Folio, inout DeadFolios) -> Void
    ) {
        var dead = DeadFolios()
        for node in 0..<nodes.count where folios.contains(where: { $0.node == node }) {
            nodes[node].withLock { held in
                for folio in folios where folio.node == node { body(&held, folio, &dead) }
            }
        }
        bury(dead)
    }
}
