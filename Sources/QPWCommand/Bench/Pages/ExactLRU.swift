import Synchronization

/// A dictionary that evicts what was not used for longest: for one thread.
struct ExactLRU {
    private struct Node {
        var key = 0
        var value = 0
        var newer = 0
        var older = 0
    }

    private var places: [Int: Int] = [:]
    /// The first is the ends of the list: its `older` is the newest, its `newer` the oldest.
    private var nodes = [Node()]
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        places.reserveCapacity(capacity)
        nodes.reserveCapacity(capacity + 1)
    }

    mutating func get(_ key: Int) -> Int? {
        guard let place = places[key] else { return nil }
        unlink(place)
        link(place)
        return nodes[place].value
    }

    /// Of a key that is not there.
    mutating func insert(_ value: Int, for key: Int) {
        let place = nodes.count <= capacity ? nodes.count : nodes[0].newer
        if place == nodes.count {
            nodes.append(Node())
        } else {
            unlink(place)
            places[nodes[place].key] = nil
        }
        nodes[place].key = key
        nodes[place].value = value
        places[key] = place
        link(place)
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (nodes[place].newer, nodes[place].older)
        nodes[newer].older = older
        nodes[older].newer = newer
    }

    private mutating func link(_ place: Int) {
        let newest = nodes[0].older
        nodes[place].older = newest
        nodes[place].newer = 0
        nodes[newest].newer = place
        nodes[0].older = place
    }
}

/// What one would write first: the same for many threads, under one mutex.
final class MutexDictionaryLRU: Sendable {
    private let lru: Mutex<ExactLRU>

    init(capacity: Int) { lru = Mutex(ExactLRU(capacity: capacity)) }

    func get(_ key: Int) -> Int? { lru.withLock { $0.get(key) } }

    func insert(_ value: Int, for key: Int) { lru.withLock { $0.insert(value, for: key) } }
}
