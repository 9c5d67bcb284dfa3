/// Evicts what was not used for longest.
struct ExactLRU: PolicySimulator {
    private var lists: KeyLists
    private var isIn: [Bool]
    private let capacity: Int

    init(capacity: Int, keyCount: Int) {
        self.capacity = capacity
        lists = KeyLists(1, keyCount: keyCount)
        isIn = Array(repeating: false, count: keyCount)
    }

    mutating func request(_ key: Int) -> Bool {
        if isIn[key] {
            lists.remove(key, from: 0)
            lists.insert(key, atHeadOf: 0)
            return true
        }
        if lists.counts[0] == capacity { isIn[lists.popTail(0)] = false }
        lists.insert(key, atHeadOf: 0)
        isIn[key] = true
        return false
    }
}
