/// An eviction policy by itself: it is told keys and says whether it had them.
protocol PolicySimulator {
    init(capacity: Int, keyCount: Int)

    mutating func request(_ key: Int) -> Bool
}

extension PolicySimulator {
    /// The share of requests that it has, in percent, after the warm-up.
    static func hitRatio(_ workload: Workload) -> Double {
        var policy = Self(capacity: workload.capacity, keyCount: workload.keyCount)
        return workload.hitRatio { policy.request($0) }
    }
}

extension Workload {
    func hitRatio(_ request: (Int) -> Bool) -> Double {
        var hits = 0
        for (number, key) in keys.enumerated() where request(key) && number >= warmUp { hits += 1 }
        return 100 * Double(hits) / Double(keys.count - warmUp)
    }
}

/// Lists of keys, of which each is on one at most.
struct KeyLists {
    private var next: [Int]
    private var previous: [Int]
    private let keyCount: Int
    private(set) var counts: [Int]

    init(_ lists: Int, keyCount: Int) {
        self.keyCount = keyCount
        next = Array(0..<keyCount + lists)
        previous = next
        counts = Array(repeating: 0, count: lists)
    }

    func tail(_ list: Int) -> Int { previous[keyCount + list] }

    mutating func insert(_ key: Int, atHeadOf list: Int) {
        let end = keyCount + list
        let first = next[end]
        next[key] = first
        previous[key] = end
        previous[first] = key
        next[end] = key
        counts[list] += 1
    }

    mutating func remove(_ key: Int, from list: Int) {
        next[previous[key]] = next[key]
        previous[next[key]] = previous[key]
        counts[list] -= 1
    }

    mutating func popTail(_ list: Int) -> Int {
        let key = tail(list)
        remove(key, from: list)
        return key
    }
}
