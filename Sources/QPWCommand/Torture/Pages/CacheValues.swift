import QPW
import Synchronization

// numbers | whose value it is: makes, ends | acquire-release

/// Values that tell whether they have been freed: each has a place where its number stands as long as it lives.
final class CacheValues: @unchecked Sendable {
    private static let count = 8192

    private let numbers: UnsafeMutablePointer<Atomic<Int>>
    private let free = Guarded(Array(0..<CacheValues.count))
    private let next = Atomic<Int>(1)

    init() {
        numbers = .allocate(capacity: Self.count)
        for index in 0..<Self.count { (numbers + index).initialize(to: Atomic(0)) }
    }

    deinit { numbers.deallocate() }

    var livingCount: Int { Self.count - free.withLock { $0.count } }

    /// Nil while there are too many.
    func make(_ key: Int) -> CacheValue? {
        guard let place = free.withLock({ $0.popLast() }) else { return nil }
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        numbers[place].store(number, ordering: .releasing)
        return CacheValue(key: key, number: number, place: place, life: CacheValue.Life(self, place))
    }

    func isAlive(_ place: Int, _ number: Int) -> Bool { numbers[place].load(ordering: .acquiring) == number }

    /// As if it had been freed, while it may be read still.
    func poison(_ value: CacheValue) { numbers[value.place].store(0, ordering: .releasing) }

    fileprivate func end(_ place: Int) {
        numbers[place].store(0, ordering: .releasing)
        free.withLock { $0.insert(place, at: 0) }
    }
}

/// Its words are copied from one place to the next as the cache does with any value; its life is counted.
struct CacheValue: Sendable {
    final class Life: Sendable {
        private let values: CacheValues
        private let place: Int

        init(_ values: CacheValues, _ place: Int) {
            self.values = values
            self.place = place
        }

        deinit { values.end(place) }
    }

    let key: Int
    let number: Int
    let place: Int
    let life: Life
}
