// The folios that a CPU looked up last, in front of a table that all CPUs share; and folios that may not be evicted.
import QPW
import QPWPages
import Synchronization

let lru = PageLRU("inodes") { folio in folio.deallocate() }
let table = Mutex<[UInt: Folio]>([:])
let front: LookupFront = lru.front

/// The folio of `key`, with a reference that the caller drops.
func lookup(_ key: UInt) -> Folio {
    if let folio = front.lookup(key) { return folio }
    let folio = table.withLock { table in
        if let folio = table[key] { return folio }
        let folio = Folio.allocate(payloadBytes: 64, node: lru.localNode)!
        lru.add(folio)
        table[key] = folio
        return folio
    }
    folio.retain()
    front.insert(key, folio)
    return folio
}

for step in 0..<1000 { lru.release(lookup(UInt(step % LookupFront.capacity))) }
let (hits, misses) = front.lookups
print("\(hits) of \(hits + misses) were found in front of the table")

// Pinned: no eviction takes it, however long ago it was used.
let pinned = lookup(3)
precondition(lru.pin(pinned))
lru.drainAll()
precondition(pinned.state.contains(Folio.State.unevictable) && pinned.isPinned)
lru.unpin(pinned)
lru.release(pinned)

// What is removed from the lists is not found in front of them any more, on no CPU.
for folio in table.withLock({ $0.values }) {
    lru.remove(folio)
    lru.release(folio)
}
front.invalidate()
precondition(lru.sizes.inactive.folios == 0)
