import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// Entries that are not alike.
    @Suite struct WeightTests {
        @Test func isWhatBounds() {
            let cache = PageCache<Int, Int>(weightCapacity: 1000, weigher: { _, value in value })
            var random = SeededRandom(1, thread: 0)
            for number in 0..<5000 {
                cache.insert(Int.random(in: 0...100, using: &random), for: number)
                #expect(cache.statistics.weight <= 1000)
            }
            #expect(cache.reduce(0) { $0 + $1.value } == cache.statistics.weight)
        }

        @Test func zeroNeedsNoRoom() {
            let cache = PageCache<Int, Int>(weightCapacity: 10, weigher: { _, value in value })
            for number in 0..<1000 { cache.insert(0, for: number) }
            #expect(cache.count == 1000)
            for number in 1000..<1010 { cache.insert(1, for: number) }
            #expect(cache.count == 1010)
            for number in 2000..<2100 { cache.insert(1, for: number) }
            #expect(cache.statistics.weight <= 10)
        }

        @Test func aboveTheCapacityIsRefused() {
            let departed = Departures<Int, Int>()
            let cache = PageCache<Int, Int>(
                weightCapacity: 10, weigher: { _, value in value }, onRemoval: departed.note)
            cache.insert(10, for: 1)
            #expect(cache.get(1) == 10)
            cache.insert(11, for: 1)
            #expect(cache.get(1) == nil, "the old value is out of date")
            cache.insert(.max, for: 2)
            #expect(
                departed.all == [.init(1, 10, .replaced), .init(1, 11, .tooHeavy), .init(2, .max, .tooHeavy)])
            #expect(cache.statistics.weight == 0)
        }

        @Test func changesWithTheValue() {
            let cache = PageCache<Int, Int>(weightCapacity: 100, weigher: { _, value in value })
            for weight in [1, 50, 7, 99, 0, 100] {
                cache.insert(weight, for: 1)
                #expect(cache.statistics.weight == weight)
            }
        }
    }
}
