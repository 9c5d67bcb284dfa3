import QPW

@testable import QPWPages

/// Takes down what a cache says of what left it.
final class Departures<Key: Hashable & Sendable, Value: Hashable & Sendable>: Sendable {
    struct Entry: Hashable, Sendable {
        let key: Key
        let value: Value
        let cause: Removal

        init(_ key: Key, _ value: Value, _ cause: Removal) {
            self.key = key
            self.value = value
            self.cause = cause
        }
    }

    private let entries = Guarded([Entry]())

    var all: [Entry] { entries.withLock { $0 } }

    @Sendable func note(_ key: Key, _ value: Value, _ cause: Removal) {
        entries.withLock { $0.append(Entry(key, value, cause)) }
    }
}
