import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWPages

extension PageTests {
    /// Threads on all CPUs do everything to shared folios: each is freed once, when the last batch has let it go.
    @Suite struct LifetimeTortureTests {
        @Test(arguments: everyPolicy) func eachFolioIsFreedOnce(policy: QPWPolicy) async throws {
            try await torture(Lists(policy, heavyWeight: 9))
        }

        @Test func eachFolioIsFreedOnceWithTwoNodes() async throws {
            try await torture(Lists(.queue, topology: Machine.withTwoNodes, heavyWeight: 9))
        }

        private func torture(_ lists: Lists) async throws {
            let table = SharedFolios(lists)
            let crew = Crew()
            let limit = TimeLimit(milliseconds: 400)
            crew.start(4) { thread, random in
                while !limit.isOver {
                    for _ in 0..<50 { table.disturb(Int.random(in: 0..<100, using: &random), &random) }
                    if thread == 0 { table.reclaim(&random) }
                    if thread == 1 { lists.lru.drainAll() }
                    if thread == 2 { lists.lru.drain(Machine.cpus.randomElement(using: &random)!) }
                }
            }
            crew.join()
            try await onThread(on: Machine.first) { table.end() }
            #expect(table.madeCount > 100)
            #expect(lists.graveyard.count == table.madeCount)
            #expect(lists.lru.sizes == ListSizes())
        }
    }
}

/// A small table of folios that anybody exchanges for new ones: a cache's, as simple as it can be.
private final class SharedFolios: Sendable {
    private let lists: Lists
    private let slots: [Guarded<Folio?>] = (0..<64).map { _ in Guarded(nil) }
    private let made = Atomic<Int>(0)

    init(_ lists: Lists) { self.lists = lists }

    var madeCount: Int { made.load(ordering: .relaxed) }

    func disturb(_ choice: Int, _ random: inout SeededRandom) {
        let place = Int.random(in: 0..<slots.count, using: &random)
        guard choice < 80, let folio = retainedFolio(at: place) else { return exchange(place, &random) }
        let lru = lists.lru
        switch choice {
        case ..<40: lru.markAccessed(folio)
        case ..<50: lru.deactivate(folio)
        case ..<55: lru.deactivateFile(folio)
        case ..<60: lru.lazyFree(folio)
        case ..<65: lru.rotate(folio)
        case ..<70: lru.front.insert(UInt(place), folio)
        case ..<75: if let found = lru.front.lookup(UInt(place)) { lru.release(found) }
        default:
            if lru.pin(folio) { lru.unpin(folio) }
        }
        lru.release(folio)
    }

    private func retainedFolio(at place: Int) -> Folio? {
        slots[place].withLock { folio in
            folio?.retain()
            return folio
        }
    }

    private func exchange(_ place: Int, _ random: inout SeededRandom) {
        made.wrappingAdd(1, ordering: .relaxed)
        let new = lists.makeFolio(
            place, weight: Int.random(in: 0..<10, using: &random),
            node: Int.random(in: 0..<lists.lru.nodeCount, using: &random))
        let old = slots[place].withLock { folio -> Folio? in
            defer { folio = new }
            return folio
        }
        // After it can be found: others may use it before it is in any batch.
        lists.lru.add(new)
        if let old { lists.dispose([old]) }
    }

    /// Evicts what it can, as a cache would.
    func reclaim(_ random: inout SeededRandom) {
        let buffer = UnsafeMutableBufferPointer<Folio>.allocate(capacity: 16)
        defer { buffer.deallocate() }
        let node = Int.random(in: 0..<lists.lru.nodeCount, using: &random)
        let count = lists.lru.isolate(16, node: node, into: buffer, secondChance: .rotate)
        var kept: [Folio] = []
        for folio in buffer[..<count] where !evict(folio) { kept.append(folio) }
        kept.withUnsafeBufferPointer { lists.lru.putBack($0) }
        lists.lru.deactivateOldest(16, node: node)
    }

    private func evict(_ folio: Folio) -> Bool {
        guard folio.beginEviction() else { return false }
        let isFound = slots[Int(folio.word)].withLock { resident -> Bool in
            guard resident == folio else { return false }
            resident = nil
            return true
        }
        _ = lists.lru.evicted(folio)
        if isFound { lists.lru.release(folio) }
        return true
    }

    func end() {
        for slot in slots {
            if let folio = slot.withLock({ $0.take() }) { lists.dispose([folio]) }
        }
        lists.lru.drainAll()
    }
}
