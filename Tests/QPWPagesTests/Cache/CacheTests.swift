import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// What a cache does for one thread.
    @Suite struct CacheTests {
        @Test func keepsWhatIsInserted() {
            let cache = PageCache<Int, String>(capacity: 10)
            #expect(cache.get(1) == nil)
            cache.insert("one", for: 1)
            #expect(cache.get(1) == "one")
            cache.insert("two", for: 2)
            cache.insert("uno", for: 1)
            #expect(cache.get(1) == "uno")
            #expect(cache.get(2) == "two")
            #expect(cache.count == 2)
            let statistics = cache.statistics
            #expect(statistics.hits == 3)
            #expect(statistics.misses == 1)
            #expect(statistics.removals[.replaced] == 1)
            #expect(statistics.weight == 2)
        }

        @Test func removes() {
            let cache = PageCache<String, Int>(capacity: 100)
            for number in 0..<50 { cache.insert(number, for: "key \(number)") }
            #expect(cache.remove("key 7") == 7)
            #expect(cache.remove("key 7") == nil)
            #expect(cache.get("key 7") == nil)
            #expect(cache.count == 49)
            cache.removeAll()
            #expect(cache.count == 0)
            #expect(cache.statistics.removals[.removed] == 50)
            #expect(cache.statistics.weight == 0)
            cache.insert(1, for: "key 7")
            #expect(cache.get("key 7") == 1)
        }

        @Test func lendsItsValues() throws {
            let cache = PageCache<Int, [Int]>(capacity: 10)
            cache.insert([1, 2, 3], for: 1)
            #expect(cache.withValue(1) { $0.reduce(0, +) } == 6)
            #expect(cache.withValue(2) { $0.count } == nil)
            struct Unwanted: Error {}
            #expect(throws: Unwanted.self) {
                try cache.withValue(1) { _ throws(Unwanted) in throw Unwanted() }
            }
        }

        @Test func aLookWithoutUse() {
            let cache = PageCache<Int, Int>(capacity: 10)
            cache.insert(1, for: 1)
            #expect(cache.contains(1))
            #expect(!cache.contains(2))
            #expect(cache.statistics.hits + cache.statistics.misses == 0)
        }

        /// Hits are counted by the read sections that nothing else accounts for: so all that opens one is here.
        @Test func countsLookUpsAlone() async throws {
            let cache = PageCache<Int, Int>(capacity: 10)
            for key in 0..<3 { cache.insert(key, for: key) }
            struct Unwanted: Error {}
            _ = cache.get(0)
            #expect(throws: Unwanted.self) {
                try cache.withValue(1) { _ throws(Unwanted) in throw Unwanted() }
            }
            _ = cache.withPinned(2) { $0 }
            _ = await cache.withPinned(2) { value in
                await Task.yield()
                return value
            }
            #expect(cache.statistics.hits == 4)
            #expect(cache.statistics.misses == 0)

            _ = cache.get(3)
            _ = cache.withPinned(3) { $0 }
            _ = try await cache.getOrLoad(4) { $0 }
            #expect(cache.statistics.misses == 3)

            for key in 0..<5 {
                _ = cache.contains(key)
                cache.deactivate(key)
                cache.lazyFree(key)
            }
            #expect(cache.map(\.key).count == 4)
            _ = cache.remove(0)
            cache.removeAll()
            #expect(cache.statistics.hits == 4)
            #expect(cache.statistics.misses == 3)
        }

        @Test(arguments: [1, 2, 10, 100, 2000]) func staysWithinItsCapacity(capacity: Int) {
            let cache = PageCache<Int, Int>(capacity: capacity)
            for number in 0..<3 * capacity + 1000 {
                cache.insert(number, for: number)
                #expect(cache.statistics.weight <= capacity)
            }
            #expect(cache.count <= capacity)
            #expect(cache.count >= capacity - capacity / 64 - 1)
            #expect(cache.get(3 * capacity + 999) == 3 * capacity + 999, "the latest is there")
        }

        @Test func growsWithWhatItHolds() {
            let cache = PageCache<Int, Int>(weightCapacity: 1 << 48, weigher: { _, _ in 1 })
            for number in 0..<50_000 { cache.insert(number, for: number) }
            #expect(cache.count == 50_000)
            for number in 0..<50_000 where cache.get(number) != number { Issue.record("\(number) is lost") }
        }

        @Test func givesAllItsEntriesOnce() {
            let cache = PageCache<Int, Int>(weightCapacity: 1_000_000, weigher: { _, _ in 1 })
            for number in 0..<1000 { cache.insert(-number, for: number) }
            #expect(Set(cache.map(\.key)) == Set(0..<1000))
            #expect(cache.allSatisfy { $0.key == -$0.value })
            #expect(cache.reduce(0) { sum, _ in sum + 1 } == 1000)
        }

        @Test func goesOnThroughATableThatGrows() {
            let cache = PageCache<Int, Int>(weightCapacity: 1_000_000, weigher: { _, _ in 1 })
            for number in 0..<100 { cache.insert(number, for: number) }
            var seen: [Int] = []
            var next = 1000
            for (key, _) in cache {
                seen.append(key)
                guard next < 5000 else { continue }
                for _ in 0..<20 {
                    cache.insert(0, for: next)
                    next += 1
                }
            }
            #expect(seen.filter { $0 < 100 }.sorted() == Array(0..<100))
            #expect(Set(seen).count == seen.count)
        }

        @Test func ofReferencesFreesThem() throws {
            let census = Census()
            do {
                let cache = PageCache<Int, Counted>(capacity: 100)
                for number in 0..<1000 { cache.insert(Counted(number, in: census), for: number % 300) }
                cache.removeAll()
                waitUntil { census.count == 0 }
                for number in 0..<1000 { cache.insert(Counted(number, in: census), for: number) }
                #expect(cache.get(999)?.number == 999)
            }
            #expect(census.count == 0, "nobody reads a cache that is gone")
        }
    }
}
