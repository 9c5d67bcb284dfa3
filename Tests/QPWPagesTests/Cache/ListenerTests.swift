import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    @Suite struct ListenerTests {
        @Test func hearsOfEachDepartureOnce() {
            let departed = Departures<Int, Int>()
            do {
                let cache = PageCache<Int, Int>(capacity: 100, onRemoval: departed.note)
                for number in 0..<1000 { cache.insert(number, for: number) }
                cache.insert(-999, for: 999)
                cache.remove(999)
                let left = cache.count
                #expect(departed.all.count == 1001 - left)
                #expect(departed.all.filter { $0.cause == .capacity }.count == 999 - left)
                cache.removeAll()
            }
            let all = departed.all
            #expect(all.count == 1001)
            #expect(Set(all).count == 1001)
            #expect(all.contains(.init(999, 999, .replaced)))
            #expect(all.contains(.init(999, -999, .removed)))
        }

        /// It runs with no lock held: whatever it does with the cache must neither deadlock nor overflow the stack.
        @Test func mayUseTheCache() async throws {
            let calls = try await onThread { () -> Int in
                let box = CacheBox()
                let cache = PageCache<Int, Int>(capacity: 50) { key, value, cause in
                    box.calls.add()
                    guard let cache = box.cache else { return }
                    _ = cache.get(key + 1)
                    _ = cache.statistics
                    cache.remove(key + 2)
                    if cause == .capacity, value > 0 { cache.insert(value - 1, for: key) }
                    if key == 100 { cache.removeAll() }
                }
                box.cache = cache
                for number in 0..<2000 { cache.insert(3, for: number) }
                box.cache = nil
                return box.calls.count
            }
            #expect(calls >= 2000)
        }
    }
}

/// Lets a listener reach its cache.
private final class CacheBox: @unchecked Sendable {
    private let held = Guarded<PageCache<Int, Int>?>(nil)
    let calls = Tally()

    var cache: PageCache<Int, Int>? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
