import QPW
import Synchronization

extension CacheCore {
    enum Mode {
        case replacing
        case ifAbsent
    }

    /// What became of an insertion under the stripe's lock.
    private struct Placement {
        var isIn = true
        /// The entry that had the key before, with the table's reference to it.
        var replaced: Folio?
        /// An entry that had to go because too many had its hash, with the table's reference to it.
        var collided: Folio?
        var mustGrow = false
    }

    /// Publishes an entry whose ``Folio/word`` is its hash; `hasSameKey` tells whether another entry is of the same key.
    ///
    /// The folio's two references are taken over. Makes room first, so what the table holds never weighs more than the
    /// capacity except by what ``makeRoom()`` could not reach. Nothing is published if there is an entry that is to stay, or
    /// `isWanted`, asked with the stripe locked, says no.
    func insert(
        _ folio: Folio, _ mode: Mode, if isWanted: () -> Bool = { true }, hasSameKey: (Folio) -> Bool
    ) {
        charge(folio.weight)
        let stripe = stripes.stripe(of: UInt64(folio.word))
        let placement = stripe.withLock {
            isWanted() ? place(folio, mode, stripe, hasSameKey) : Placement(isIn: false)
        }
        guard placement.isIn else {
            used.wrappingSubtract(folio.weight, ordering: .relaxed)
            return discard(folio)
        }
        lru.addWeighed(folio)
        if let replaced = placement.replaced { depart(replaced, .replaced) }
        if let collided = placement.collided { depart(collided, .collision) }
        if placement.mustGrow { grow() }
    }

    /// Lets an entry go that was never in the table.
    func discard(_ folio: Folio) {
        lru.release(folio)
        lru.release(folio)
    }

    /// With the stripe locked.
    private func place(
        _ folio: Folio, _ mode: Mode, _ stripe: Stripe, _ hasSameKey: (Folio) -> Bool
    ) -> Placement {
        let hash = UInt64(folio.word)
        let table = currentTable
        let word = CacheSlot.word(for: folio)
        if let slot = find(hash, in: table, hasSameKey), let old = CacheSlot.folio(in: slot.word) {
            guard mode == .replacing else { return Placement(isIn: false) }
            folio.uses = old.uses
            if old.state.contains(.active) { folio.insertState(.active) }
            slot.word = word
            return Placement(replaced: old)
        }
        if isRefault(hash, in: table, stripe) { folio.insertState([.active, .workingset]) }
        if let slot = emptySlot(for: hash, in: table) {
            slot.word = word
            stripe.entryCount += 1
            return Placement(mustGrow: stripe.entryCount * stripes.count > table.limit)
        }
        let slot = leastUsed(in: table.line(of: hash))
        let collided = slot.flatMap { CacheSlot.folio(in: $0.word) }
        (slot ?? table.line(of: hash).lastOfChain.extend().slot(0)).word = word
        if collided == nil { stripe.entryCount += 1 }
        return Placement(collided: collided)
    }

    /// The slot of the entry of a key, with the stripe locked.
    func find(_ hash: UInt64, in table: CacheTable, _ hasSameKey: (Folio) -> Bool) -> CacheSlot? {
        let tag = cacheTag(of: hash)
        var found: CacheSlot?
        table.line(of: hash).forEachSlot { slot in
            if let folio = CacheSlot.folio(in: slot.word, tagged: tag), hasSameKey(folio) { found = slot }
            return found == nil
        }
        return found
    }

    private func emptySlot(for hash: UInt64, in table: CacheTable) -> CacheSlot? {
        let first = table.line(of: hash)
        let home = first.home(of: hash)
        if home.word == 0 { return home }
        var line = first
        for number in 1...CacheTable.longestChain {
            for index in 0..<CacheTable.slotsPerLine where line.slot(index).word == 0 {
                return line.slot(index)
            }
            guard number < CacheTable.longestChain else { break }
            line = line.next ?? line.extend()
        }
        return nil
    }

    /// The entry of a full chain that is missed least, claimed for eviction; nil if those that were looked at are pinned.
    private func leastUsed(in line: CacheLine) -> CacheSlot? {
        var least: CacheSlot?
        var uses = UInt8.max
        line.forEachSlot { slot in
            if let folio = CacheSlot.folio(in: slot.word), !folio.isPinned, folio.uses < uses {
                (least, uses) = (slot, folio.uses)
            }
            return true
        }
        guard let least, CacheSlot.folio(in: least.word)?.beginEviction() == true else { return nil }
        return least
    }

    /// Whether the key's last entry was evicted so lately that it should be active at once.
    ///
    /// Not if the active list is full: it would have to push out another of which nothing worse is known. But then it is a sign
    /// that some of those are not worth their places, and the next eviction looks at two of them, each of which loses a use or,
    /// if it has none left, its place, to the next who comes back. So a loop over more than the capacity, whose active
    /// entries are used once in a round, keeps them as long as fewer than half of the capacity come back in a round; if each
    /// pushed one out, the whole list would be exchanged in every round and nothing ever found. And what is active but not
    /// used any more is gone after a few rounds. Kernel counterpart: `workingset_refault` (mm/workingset.c).
    private func isRefault(_ hash: UInt64, in table: CacheTable, _ stripe: Stripe) -> Bool {
        guard let distance = table.ghosts.remove(hash, now: now()), Int(distance) * ageUnit <= refaultLimit
        else { return false }
        stripe.refaultCount += 1
        if lru.sizes.active.weight < activeLimit { return true }
        if agingLooks.load(ordering: .relaxed) < capacity {
            agingLooks.wrappingAdd(Self.looksPerRefault, ordering: .relaxed)
        }
        return false
    }
}

// MARK: - Growing

extension CacheCore {
    private func grow() {
        let old = stripes.withAllLocked { () -> CacheTable? in
            let old = currentTable
            let entries = (0..<stripes.count).reduce(0) { max($0, stripes[$1].entryCount) } * stripes.count
            guard entries > old.limit else { return nil }
            let new = CacheTable.allocate(for: entries * 2, stripeBits: stripes.bits, name: name)
            copyEntries(from: old, to: new)
            table.current = new
            return old
        }
        if let old { reaper.rcu.call { old.deallocate() } }
    }

    /// Ghosts stay behind: a cache that grows has evicted little.
    private func copyEntries(from old: CacheTable, to new: CacheTable) {
        for index in 0..<old.lineCount {
            old.line(at: index).forEachSlot { slot in
                let word = slot.word
                guard let folio = CacheSlot.folio(in: word) else { return true }
                let hash = UInt64(folio.word)
                let place = emptySlot(for: hash, in: new) ?? new.line(of: hash).lastOfChain.extend().slot(0)
                place.word = word
                return true
            }
        }
    }
}
