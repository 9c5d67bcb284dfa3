import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// Pins and hints.
    @Suite struct CachePinTests {
        @Test(arguments: everyPolicy) func keepAnEntry(policy: QPWPolicy) async throws {
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 100, policy: policy)
                cache.insert(7, for: -1)
                let found: Int? = cache.withPinned(-1) { value in
                    for number in 0..<1000 { cache.insert(number, for: number) }
                    #expect(cache.get(-1) == 7)
                    return value
                }
                #expect(found == 7)
                #expect(cache.withPinned(-2) { $0 } == nil)
                cache.core.lru.drainAll()
                cache.lazyFree(-1)
                cache.core.lru.drainAll()
                for number in 2000..<2100 { cache.insert(number, for: number) }
                #expect(!cache.contains(-1), "it is like the others again")
                #expect(cache.statistics.weight <= 100)
            }
        }

        @Test func oneThatIsRemovedLivesUntilItIsUnpinned() async throws {
            let census = Census()
            let cache = PageCache<Int, Counted>(capacity: 10)
            cache.insert(Counted(1, in: census), for: 1)
            let number = await cache.withPinned(1) { value in
                cache.removeAll()
                await Task.yield()
                cache.rcu.synchronizeForTests()
                return value.number
            }
            #expect(number == 1)
            waitUntil { census.count == 0 }
        }

        @Test func aCacheFullOfPinsTakesMore() {
            let cache = PageCache<Int, Int>(capacity: 4)
            pin(4, in: cache) {
                for number in 100..<200 { cache.insert(number, for: number) }
                for number in 1...4 { #expect(cache.get(number) == number) }
            }
            for number in 200..<300 { cache.insert(number, for: number) }
            #expect(cache.statistics.weight <= 4)
        }

        private func pin(_ number: Int, in cache: PageCache<Int, Int>, _ body: () -> Void) {
            guard number > 0 else { return body() }
            cache.insert(number, for: number)
            let found: Void? = cache.withPinned(number) { _ in pin(number - 1, in: cache, body) }
            #expect(found != nil)
        }

        @Test func hintsDecideWhoGoesFirst() async throws {
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 1000)
                for round in 0..<3 {
                    for number in 0..<900 where cache.get(number) == nil { cache.insert(round, for: number) }
                }
                for number in 0..<100 { cache.lazyFree(number) }
                for number in 100..<200 { cache.deactivate(number) }
                cache.core.lru.drainAll()
                for number in 2000..<2310 { cache.insert(0, for: number) }
                let left = (0..<900).filter { cache.contains($0) }
                #expect(left.filter { $0 < 200 }.count < 20)
                #expect(left.filter { $0 >= 200 }.count > 650)
                cache.deactivate(-1)
                cache.lazyFree(-1)
            }
        }
    }
}

extension RCUDomain {
    /// As `synchronize()`, where a test is asynchronous.
    fileprivate func synchronizeForTests() { synchronize() }
}
