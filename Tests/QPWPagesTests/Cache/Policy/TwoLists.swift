/// What ``PageCache`` does, by one thread: the constants were found with this.
struct TwoLists: PolicySimulator {
    private enum Place { case none, inactive, active, ghost }

    private static let (inactive, active, ghosts) = (0, 1, 2)

    private var lists: KeyLists
    private var places: [Place]
    private var uses: [Int]
    private var evictedAt: [Int]
    private var evictions = 0
    private var agingLooks = 0
    private let capacity: Int
    private let slack: Int
    private let inactiveTarget: Int
    private let activeLimit: Int

    init(capacity: Int, keyCount: Int) {
        self.capacity = capacity
        slack = min(capacity / 64, 192)
        inactiveTarget = max(1, capacity / 100)
        activeLimit = capacity - inactiveTarget - max(1, 2 * slack)
        lists = KeyLists(3, keyCount: keyCount)
        places = Array(repeating: .none, count: keyCount)
        uses = Array(repeating: 0, count: keyCount)
        evictedAt = uses
    }

    mutating func request(_ key: Int) -> Bool {
        let place = places[key]
        if place == .inactive || place == .active {
            uses[key] = min(uses[key] + 1, 3)
            return true
        }
        let isRefault = place == .ghost && isRefault(key)
        if count >= capacity {
            while count >= capacity - slack { look() }
        }
        uses[key] = 0
        places[key] = isRefault ? .active : .inactive
        lists.insert(key, atHeadOf: isRefault ? Self.active : Self.inactive)
        return false
    }

    private var count: Int { lists.counts[Self.inactive] + lists.counts[Self.active] }

    private mutating func isRefault(_ key: Int) -> Bool {
        lists.remove(key, from: Self.ghosts)
        guard evictions - evictedAt[key] <= capacity + capacity / 2 else { return false }
        if lists.counts[Self.active] < activeLimit { return true }
        agingLooks = min(agingLooks + 2, capacity)
        return false
    }

    private mutating func look() {
        let isAging = agingLooks > 0
        if isAging { agingLooks -= 1 }
        let prefersActive = isAging || lists.counts[Self.inactive] <= inactiveTarget
        let list = prefersActive && lists.counts[Self.active] > 0 ? Self.active : Self.inactive
        let key = lists.popTail(list)
        if uses[key] > 0 {
            uses[key] -= 1
            places[key] = .active
            lists.insert(key, atHeadOf: Self.active)
        } else {
            if list == Self.inactive { remember(key) } else { places[key] = .none }
            evictions += 1
        }
    }

    private mutating func remember(_ key: Int) {
        if lists.counts[Self.ghosts] >= 2 * capacity { places[lists.popTail(Self.ghosts)] = .none }
        evictedAt[key] = evictions
        places[key] = .ghost
        lists.insert(key, atHeadOf: Self.ghosts)
    }
}
