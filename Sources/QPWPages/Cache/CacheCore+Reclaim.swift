import QPW
import Synchronization

// How far a cache can be above its capacity.
//
// An insertion adds its weight to `used` before it publishes its entry, and while that is more than the capacity it evicts. It
// publishes with `used` above the capacity only after it found the lists empty, had everybody's batches moved, and found them
// empty again. Then all that is in the table is (a) pinned, (b) in the hands of others who evict, at most `victimsAtOnce`
// entries each, (c) about to be added by others who insert, one each, or (d) in a CPU's batch or in the one that a drain has
// just taken from it, at most 31 each, and each lighter than `heavyWeight`. So beyond pinned entries
//
//     weight in the table <= used <= capacity + threads * (victimsAtOnce + 1) * heaviest + CPUs * 62 * heavyWeight
//
// of which the last is at most half the capacity, or nothing where every entry is heavy, and the second becomes nothing once
// its threads are done. It needs no drain to have come to an end.

extension CacheCore {
    /// The bound: what unpinned entries may weigh at most while so many threads insert some that weigh up to `heaviest`.
    func mostWeight(threads: Int, heaviest: Int) -> Int {
        let inBatches =
            min(heaviest, lru.heavyWeight - 1) * 2 * FolioBatch.capacity * lru.batches.slots.cpus.count
        return capacity + threads * (Self.victimsAtOnce + 1) * heaviest + inBatches
    }

    /// Reserves room for an entry that is to be inserted, evicting others if need be.
    func charge(_ weight: Int) {
        let used = used.wrappingAdd(weight, ordering: .relaxed).newValue
        if used > capacity { makeRoom() }
    }

    /// Evicts until there is room, at best with some to spare, as long as there is anything to evict.
    @inline(never)
    private func makeRoom() {
        var victims = Victims(capacity: Self.victimsAtOnce)
        var isDrained = false
        while true {
            let excess = used.load(ordering: .relaxed) - (capacity - slack)
            guard excess > slack else { return }
            if evict(excess, using: &victims) { continue }
            guard !isDrained else { return }
            isDrained = true
            drainBatches()
        }
    }

    /// What waits in batches goes to the lists. Under a policy by which an owner may be waited for without end it may come to
    /// nothing: the bound above counts what is in the batches anyway.
    private func drainBatches() { try? lru.drainAll(timeout: Self.patience) }

    /// Evicts entries that weigh so much, or fewer, from the node that has most; false if there is nothing on the lists.
    private func evict(_ weight: Int, using victims: inout Victims) -> Bool {
        var foundAny = false
        var agingLooks = agingLooks.exchange(0, ordering: .relaxed)
        for node in nodesByWeight where !foundAny {
            foundAny = lru.nodes[node].withLock {
                $0.takeVictims(
                    weighing: weight, inactiveTarget: inactiveTarget / lru.nodeCount, aging: &agingLooks,
                    into: &victims) > 0
            }
        }
        if agingLooks > 0 { self.agingLooks.wrappingAdd(agingLooks, ordering: .relaxed) }
        evictVictims(&victims)
        return foundAny
    }

    private var nodesByWeight: [Int] {
        guard lru.nodeCount > 1 else { return [0] }
        return (0..<lru.nodeCount).sorted { lru.nodes[$0].sizes.evictable > lru.nodes[$1].sizes.evictable }
    }

    /// Those that are still in the table leave it; those that are not were taken out by others, and only the lists' reference
    /// to them is left; those that were pinned in the meantime go back.
    private func evictVictims(_ victims: inout Victims) {
        let (evicted, pinned) = unlink(&victims)
        if !pinned.isEmpty { lru.putBack(pinned) }
        var dead = FolioChain()
        for folio in evicted {
            listener?(folio, .capacity)
            // The table's, then that of the lists.
            if folio.dropReference() { trap("'\(name)': an evicted entry is nobody's") }
            if folio.dropReference() { dead.push(folio) }
        }
        victims.removeAll()
        reaper.retire(dead)
    }

    /// The victims that left the table, first in their array, and those that must not, behind them.
    private func unlink(
        _ victims: inout Victims
    ) -> (evicted: UnsafeBufferPointer<Folio>, pinned: UnsafeBufferPointer<Folio>) {
        let now = now()
        var (evicted, weight) = (0, 0)
        var pinned = victims.count
        var index = 0
        while index < pinned {
            let folio = victims[index]
            if !folio.beginEviction() {
                pinned -= 1
                victims.swapAt(index, pinned)
                continue
            }
            if unlink(folio, now) {
                victims.swapAt(index, evicted)
                evicted += 1
                weight += folio.weight
            } else {
                lru.release(folio)
            }
            index += 1
        }
        used.wrappingSubtract(weight, ordering: .relaxed)
        age.wrappingAdd(weight, ordering: .relaxed)
        departures.add(evicted, .capacity)
        return (victims[0..<evicted], victims[pinned..<victims.count])
    }

    /// Takes a victim out of the table; false if it is not in there any more.
    ///
    /// What was evicted from the inactive list is remembered: should it come back soon, it was evicted too early. What was
    /// active had its time.
    private func unlink(_ folio: Folio, _ now: UInt16) -> Bool {
        let hash = UInt64(folio.word)
        let stripe = stripes.stripe(of: hash)
        return stripe.withLock {
            let table = currentTable
            guard let slot = find(hash, in: table, { $0 == folio }), empty(slot, stripe) != nil else {
                return false
            }
            if folio.state.isDisjoint(with: [.active, .lazyFree]) { table.ghosts.insert(hash, age: now) }
            return true
        }
    }
}

extension ListSizes {
    fileprivate var evictable: Int { inactive.weight + active.weight }
}
