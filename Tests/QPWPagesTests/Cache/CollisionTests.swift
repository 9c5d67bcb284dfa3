import QPW
import Testing

@testable import QPWPages

/// A key whose hash says nothing.
private struct Bad: Hashable {
    let number: Int

    func hash(into hasher: inout Hasher) {}
}

extension PageTests {
    /// Keys that collide, by bad luck, bad code or bad will.
    @Suite struct CollisionTests {
        @Test func shareALineAndNoMore() {
            let cache = PageCache<Bad, Int>(capacity: 10_000)
            for number in 0..<5000 {
                cache.insert(number, for: Bad(number: number))
                #expect(cache.get(Bad(number: number)) == number)
            }
            let most = CacheTable.longestChain * CacheTable.slotsPerLine
            #expect(cache.count == most)
            #expect(cache.statistics.removals[.collision] == 5000 - most)
            #expect(cache.reduce(0) { sum, _ in sum + 1 } == most)
        }

        @Test func evictNobodyWhoIsPinned() {
            let cache = PageCache<Bad, Int>(capacity: 10_000)
            let most = CacheTable.longestChain * CacheTable.slotsPerLine
            pinAll(of: cache, from: 0, to: most) {
                for number in most..<most + 100 { cache.insert(number, for: Bad(number: number)) }
                for number in 0..<most { #expect(cache.get(Bad(number: number)) == number) }
            }
        }

        private func pinAll(of cache: PageCache<Bad, Int>, from first: Int, to end: Int, _ body: () -> Void) {
            guard first < end else { return body() }
            cache.insert(first, for: Bad(number: first))
            let found: Void? = cache.withPinned(Bad(number: first)) { _ in
                pinAll(of: cache, from: first + 1, to: end, body)
            }
            #expect(found != nil)
        }

        /// Prepared for a table that takes a number's low or high bits: they must not meet in this one.
        @Test(arguments: [12, 32, 48]) func areNotThoseOfNumbersAlikeInMostBits(shift: Int) {
            let cache = PageCache<Int, Int>(capacity: 16_384)
            for number in 0..<8192 { cache.insert(number, for: number << shift) }
            #expect(cache.statistics.removals[.collision] == 0)
            #expect(cache.count == 8192)
        }

        /// Whatever the secret: 50 000 numbers in a regular order, three for each line of a table, fit into its chains.
        @Test(arguments: [1, 64, 1 << 20, 1 << 32, 24 << 12, 1_000_003]) func areNotThoseOfASequence(
            step: Int
        ) {
            var fullest = 0
            for _ in 0..<40 {
                let secret = HashSecret()
                var counts = Array(repeating: 0, count: 1 << 14)
                for number in 0..<50_000 { counts[Int(secret.hash(number &* step) >> 50)] += 1 }
                fullest = max(fullest, counts.max() ?? 0)
            }
            #expect(fullest <= CacheTable.longestChain * CacheTable.slotsPerLine)
        }

        @Test func everyCacheHasASecretOfItsOwn() {
            let hashes = (0..<100).map { _ in HashSecret().hash(1) }
            #expect(Set(hashes).count == 100)
            let ofStrings = (0..<100).map { _ in HashSecret().hash("one") }
            #expect(Set(ofStrings).count == 100)
        }
    }
}
