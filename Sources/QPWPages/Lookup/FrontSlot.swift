import QPW
import Synchronization

// field   | who writes            | under    | memory order
// --------|-----------------------|----------|---------------------------------------------------------------------
// entries | who holds the slot    | the slot | none
// count   | the same              | the slot | none
// hits,   | the same              | the slot | relaxed: anybody reads them
//  misses |                       |          |

/// One CPU's entries, the latest used first: the value of its slot.
struct FrontSlot: ~Copyable, SnapshotReadable {
    /// 16 keys, then 16 folios.
    let keys: UnsafeMutablePointer<UInt>
    var count = 0
    let hits = Atomic<Int>(0)
    let misses = Atomic<Int>(0)

    var folios: UnsafeMutablePointer<Folio> {
        UnsafeMutableRawPointer(keys + LookupFront.capacity).assumingMemoryBound(to: Folio.self)
    }

    init(_ memory: UnsafeMutableRawPointer) {
        keys = memory.assumingMemoryBound(to: UInt.self)
    }

    /// The folio of `key`, with a reference for the caller; or, as stale, one that was removed, with the entry's reference.
    mutating func use(_ key: UInt) -> (folio: Folio?, isStale: Bool) {
        guard let index = index(of: key) else {
            count(misses)
            return (nil, false)
        }
        if folios[index].isRemoved {
            count(misses)
            return (removeEntry(at: index), true)
        }
        count(hits)
        moveToFront(index)
        folios[0].retain()
        return (folios[0], false)
    }

    /// Puts an entry before all others; returns the folio that leaves for it, if any, with the entry's reference.
    mutating func insert(_ key: UInt, _ folio: Folio) -> Folio? {
        let place = index(of: key) ?? min(count, LookupFront.capacity - 1)
        let evicted = place < count ? folios[place] : nil
        if place == count { count += 1 }
        makeRoom(through: place)
        keys[0] = key
        folios[0] = folio
        return evicted
    }

    /// Drops all entries' references: sixteen at most.
    mutating func removeAll() -> DeadFolios {
        var dead = DeadFolios()
        for index in 0..<count { dead.drop(folios[index]) }
        count = 0
        return dead
    }

    private func index(of key: UInt) -> Int? {
        var index = 0
        while index < count {
            if keys[index] == key { return index }
            index += 1
        }
        return nil
    }

    private func moveToFront(_ index: Int) {
        guard index > 0 else { return }
        let (key, folio) = (keys[index], folios[index])
        makeRoom(through: index)
        keys[0] = key
        folios[0] = folio
    }

    /// Moves the entries before `index` back by one, over the one that is there.
    private func makeRoom(through index: Int) {
        (keys + 1).update(from: keys, count: index)
        (folios + 1).update(from: folios, count: index)
    }

    private mutating func removeEntry(at index: Int) -> Folio {
        let folio = folios[index]
        let following = count - index - 1
        (keys + index).update(from: keys + index + 1, count: following)
        (folios + index).update(from: folios + index + 1, count: following)
        count -= 1
        return folio
    }

    private func count(_ counter: borrowing Atomic<Int>) {
        counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }
}
