import QPW
import QPWTestSupport
import Synchronization

@testable import QPWPages

/// Folios that some pin and one evicts: an eviction, which ends at once, must never find one that somebody has pinned.
final class PinTrial: Sendable {
    private let lists: Lists
    private let folios: [Folio]
    /// How many are between their pin and their unpin, by folio.
    private let holders: [Guarded<Int>]
    private let evictions = Atomic<Int>(0)
    private let violations = Atomic<Int>(0)

    init(_ policy: QPWPolicy) {
        let lists = Lists(policy)
        self.lists = lists
        folios = (0..<8).map { lists.addFolio($0) }
        holders = folios.map { _ in Guarded(0) }
    }

    var evictionCount: Int { evictions.load(ordering: .relaxed) }
    var violationCount: Int { violations.load(ordering: .relaxed) }

    func pinSome(_ random: inout SeededRandom) {
        let index = Int.random(in: 0..<folios.count, using: &random)
        guard lists.lru.pin(folios[index]) else { return }
        holders[index].withLock { $0 += 1 }
        if Bool.random(using: &random) { yieldCPU() }
        holders[index].withLock { $0 -= 1 }
        lists.lru.unpin(folios[index])
    }

    private func yieldCPU() { System.sleep(nanoseconds: 1000) }

    func evictSome(_ claim: (Folio) -> Bool) {
        let buffer = UnsafeMutableBufferPointer<Folio>.allocate(capacity: 4)
        defer { buffer.deallocate() }
        lists.lru.drainAll()
        let count = lists.lru.isolate(4, node: 0, into: buffer, secondChance: .none)
        for folio in buffer[..<count] where claim(folio) {
            if holders[Int(folio.word)].withLock({ $0 }) > 0 { violations.wrappingAdd(1, ordering: .relaxed) }
            evictions.wrappingAdd(1, ordering: .relaxed)
            folio.cancelEviction()
        }
        lists.lru.putBack(UnsafeBufferPointer(start: buffer.baseAddress, count: count))
    }

    func end() {
        lists.dispose(folios)
        lists.lru.drainAll()
    }
}
