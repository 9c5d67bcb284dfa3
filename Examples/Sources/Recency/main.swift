// A cache that evicts what was used longest ago: folios, lists that CPUs update in batches, and a place for each in a table.
import QPW
import QPWPages

final class Blocks {
    private let lru = PageLRU("blocks") { folio in folio.deallocate() }
    private var table: [Int: Folio] = [:]
    private var evicted: [Int: EvictionStamp] = [:]
    private(set) var refaults = 0

    /// The block's memory: what was there, or new.
    func block(_ number: Int) -> UnsafeMutableRawPointer {
        if let folio = table[number] {
            lru.markAccessed(folio)
            return folio.payload
        }
        let folio = Folio.allocate(payloadBytes: 512, node: lru.localNode)!
        // One that was evicted a short while ago belongs to what is needed: it goes to the active list.
        if let stamp = evicted.removeValue(forKey: number), lru.prepareRefault(folio, stamp) { refaults += 1 }
        folio.word = UInt(number)
        table[number] = folio
        lru.add(folio)
        return folio.payload
    }

    func evict(_ count: Int) {
        // What is in somebody's batch is on no list yet.
        lru.drainAll(DrainExtent.needyCPUs)
        let folios = UnsafeMutableBufferPointer<Folio>.allocate(capacity: count)
        defer { folios.deallocate() }
        let found = lru.isolate(count, node: lru.localNode, into: folios, secondChance: SecondChance.activate)
        for folio in folios[..<found] {
            let number = Int(folio.word)
            table[number] = nil
            evicted[number] = lru.evicted(folio)
            lru.release(folio)
        }
    }

    var sizes: ListSizes { lru.sizes }
    var statistics: LRUStatistics { lru.statistics }
}

let blocks = Blocks()
for number in 0..<1000 { blocks.block(number).storeBytes(of: number, as: Int.self) }
for _ in 0..<2 { for number in 0..<100 { _ = blocks.block(number) } }
blocks.evict(500)
let (active, inactive): (ListSize, ListSize) = (blocks.sizes.active, blocks.sizes.inactive)
print("active \(active.folios), inactive \(inactive.folios)")
precondition(active.folios + inactive.folios <= 500 && blocks.block(7).load(as: Int.self) == 7)
for number in 900..<1000 { _ = blocks.block(number) }
print("\(blocks.statistics.recencyUpdates) updates under \(blocks.statistics.listLockAcquisitions) locks")
