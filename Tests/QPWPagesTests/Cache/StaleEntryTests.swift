import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// An entry that is out of the table and still on a list, since who took it out has not come so far.
    @Suite struct StaleEntryTests {
        @Test(arguments: [1, 10, 100]) func doesNotStopEviction(staleCount: Int) async throws {
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 100)
                for number in 0..<100 { cache.insert(number, for: number) }
                let present = (0..<100).filter { cache.contains($0) }
                // The oldest: they are where eviction looks first.
                let stale = present.prefix(staleCount).compactMap { takeOutHalfWay($0, of: cache) }
                for number in 1000..<3000 { cache.insert(number, for: number) }
                #expect(cache.reduce(0) { sum, _ in sum + 1 } <= 100)
                #expect(cache.get(2999) == 2999)
                for folio in stale { cache.core.depart(folio, .removed) }
                #expect(cache.statistics.weight == cache.count)
            }
        }

        private func takeOutHalfWay(_ key: Int, of cache: PageCache<Int, Int>) -> Folio? {
            cache.core.takeOut(cache.secret.hash(key)) { CacheEntry<Int, Int>($0).key.pointee == key }
        }
    }
}
