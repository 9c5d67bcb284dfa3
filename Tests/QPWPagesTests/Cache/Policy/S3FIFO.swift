/// S3-FIFO (Yang et al., SOSP 2023) as published: a small queue of a tenth, which keys leave for the main one if they were used
/// more than once, and a main queue that is a clock with counters up to three; what the small one evicts is remembered, as
/// much of it as the main one holds, and goes to the main one if it returns.
struct S3FIFO: PolicySimulator {
    private enum Place { case none, small, main, ghost }

    private static let (small, main, ghosts) = (0, 1, 2)

    private var lists: KeyLists
    private var places: [Place]
    private var uses: [Int]
    private let capacity: Int
    private let smallCapacity: Int

    init(capacity: Int, keyCount: Int) {
        self.capacity = capacity
        smallCapacity = max(1, capacity / 10)
        lists = KeyLists(3, keyCount: keyCount)
        places = Array(repeating: .none, count: keyCount)
        uses = Array(repeating: 0, count: keyCount)
    }

    mutating func request(_ key: Int) -> Bool {
        let place = places[key]
        if place == .small || place == .main {
            uses[key] = min(uses[key] + 1, 3)
            return true
        }
        if place == .ghost { lists.remove(key, from: Self.ghosts) }
        while lists.counts[Self.small] + lists.counts[Self.main] >= capacity { evict() }
        uses[key] = 0
        places[key] = place == .ghost ? .main : .small
        lists.insert(key, atHeadOf: place == .ghost ? Self.main : Self.small)
        return false
    }

    private mutating func evict() {
        if lists.counts[Self.small] >= smallCapacity || lists.counts[Self.main] == 0 {
            evictFromSmall()
        } else {
            evictFromMain()
        }
    }

    private mutating func evictFromSmall() {
        let key = lists.popTail(Self.small)
        if uses[key] > 1 {
            uses[key] = 0
            places[key] = .main
            lists.insert(key, atHeadOf: Self.main)
        } else {
            if lists.counts[Self.ghosts] >= capacity - smallCapacity {
                places[lists.popTail(Self.ghosts)] = .none
            }
            places[key] = .ghost
            lists.insert(key, atHeadOf: Self.ghosts)
        }
    }

    private mutating func evictFromMain() {
        let key = lists.popTail(Self.main)
        if uses[key] > 0 {
            uses[key] -= 1
            lists.insert(key, atHeadOf: Self.main)
        } else {
            places[key] = .none
        }
    }
}
