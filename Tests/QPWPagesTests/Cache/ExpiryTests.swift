import QPW
import Synchronization
import Testing

@testable import QPWPages

/// Shows the time that a test sets.
private final class ManualTime: Sendable {
    private let nanoseconds = Atomic<Int64>(1_000_000)

    var clock: CacheClock { CacheClock { [self] in nanoseconds.load(ordering: .relaxed) } }

    func pass(_ duration: Duration) { nanoseconds.wrappingAdd(duration.nanoseconds, ordering: .relaxed) }
}

extension PageTests {
    @Suite struct ExpiryTests {
        private func makeCache(
            _ expiry: Expiry, _ time: ManualTime, _ departed: Departures<Int, Int> = Departures()
        ) -> PageCache<Int, Int> {
            PageCache(
                "perishable", capacity: 100, expiry: expiry, clock: time.clock, onRemoval: departed.note)
        }

        @Test func afterWriting() {
            let time = ManualTime()
            let departed = Departures<Int, Int>()
            let cache = makeCache(Expiry(afterWrite: .seconds(10)), time, departed)
            cache.insert(1, for: 1)
            time.pass(.seconds(5))
            cache.insert(2, for: 2)
            time.pass(.nanoseconds(4_999_999_999))
            #expect(cache.get(1) == 1)
            time.pass(.nanoseconds(1))
            #expect(cache.count == 2)
            #expect(!cache.contains(1))
            #expect(cache.get(1) == nil)
            #expect(cache.count == 1, "who looks for it takes it out")
            #expect(cache.get(2) == 2)
            #expect(departed.all == [.init(1, 1, .expired)])
            #expect(cache.statistics.misses == 1)
            cache.insert(3, for: 1)
            #expect(cache.get(1) == 3)
        }

        @Test func afterUse() {
            let time = ManualTime()
            let cache = makeCache(Expiry(afterAccess: .seconds(16)), time)
            cache.insert(1, for: 1)
            cache.insert(2, for: 2)
            for _ in 0..<10 {
                time.pass(.seconds(8))
                #expect(cache.get(1) == 1)
            }
            #expect(cache.withValue(2) { $0 } == nil)
            #expect(cache.withPinned(2) { $0 } == nil)
            time.pass(.seconds(17))
            #expect(cache.get(1) == nil)
            #expect(cache.count == 0)
        }

        /// A use that is not noted makes an entry expire early, by a sixteenth at most.
        @Test func neverLate() {
            let time = ManualTime()
            let cache = makeCache(Expiry(afterAccess: .seconds(16)), time)
            cache.insert(1, for: 1)
            time.pass(.milliseconds(900))
            #expect(cache.get(1) == 1)
            time.pass(.milliseconds(15_050))
            #expect(cache.get(1) == 1)
            time.pass(.milliseconds(16_001))
            #expect(cache.get(1) == nil)
        }

        @Test func theEarlierOfBoth() {
            let time = ManualTime()
            let cache = makeCache(Expiry(afterWrite: .seconds(20), afterAccess: .seconds(8)), time)
            cache.insert(1, for: 1)
            for _ in 0..<3 {
                time.pass(.seconds(6))
                #expect(cache.get(1) == 1)
            }
            time.pass(.seconds(2))
            #expect(cache.get(1) == nil)
        }

        @Test func allAtOnce() {
            let time = ManualTime()
            let departed = Departures<Int, Int>()
            let cache = makeCache(Expiry(afterWrite: .seconds(10)), time, departed)
            for number in 0..<40 { cache.insert(number, for: number) }
            time.pass(.seconds(5))
            for number in 40..<60 { cache.insert(number, for: number) }
            time.pass(.seconds(6))
            #expect(cache.removeExpired() == 40)
            #expect(cache.count == 20)
            #expect(departed.all.allSatisfy { $0.cause == .expired && $0.key < 40 })
            #expect(cache.statistics.weight == 20)
        }

        @Test func isLoadedAnew() async throws {
            let time = ManualTime()
            let cache = makeCache(Expiry(afterWrite: .seconds(1)), time)
            #expect(try await cache.getOrLoad(1) { _ in 1 } == 1)
            time.pass(.seconds(2))
            #expect(try await cache.getOrLoad(1) { _ in 2 } == 2)
            #expect(try await cache.getOrLoad(1) { _ in 3 } == 2)
        }

        @Test func isNeitherGivenNorReturned() {
            let time = ManualTime()
            let departed = Departures<Int, Int>()
            let cache = makeCache(Expiry(afterWrite: .seconds(1)), time, departed)
            cache.insert(1, for: 1)
            cache.insert(2, for: 2)
            #expect(cache.map(\.key).sorted() == [1, 2])
            time.pass(.seconds(2))
            cache.insert(3, for: 3)
            #expect(cache.map(\.key) == [3])
            #expect(cache.remove(1) == nil)
            #expect(departed.all == [.init(1, 1, .expired)])
        }

        @Test func atTheEndOfTime() {
            let time = ManualTime()
            let cache = makeCache(
                Expiry(afterWrite: .seconds(Int64.max), afterAccess: .seconds(Int64.max)), time)
            cache.insert(1, for: 1)
            time.pass(.seconds(1_000_000_000))
            #expect(cache.get(1) == 1)
        }
    }
}
