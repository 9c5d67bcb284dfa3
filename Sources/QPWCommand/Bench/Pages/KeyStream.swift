import Foundation

/// Keys that threads go through, each from a place of its own and round again.
struct KeyStream: Sendable {
    private nonisolated(unsafe) let keys: UnsafeMutablePointer<UInt32>
    private let mask: Int
    private let places = LaneStorage()

    /// Keeps as many keys as the highest power of two that there are, for the rest of the process.
    init(_ keys: [Int]) {
        let count = 1 << (Int.bitWidth - 1 - max(1, keys.count).leadingZeroBitCount)
        self.keys = .allocate(capacity: count)
        for (index, key) in keys.prefix(count).enumerated() {
            (self.keys + index).initialize(to: UInt32(key))
        }
        mask = count - 1
    }

    @inline(__always)
    func next(lane: Int) -> Int {
        let place: UnsafeMutablePointer<Int> = places.word(0, of: lane)
        let index = place.pointee
        place.pointee = index &+ 1
        return Int(keys[(index &+ lane &* (mask / 2)) & mask])
    }

    /// Sees to it that a value which was looked up is used.
    @inline(__always)
    func take(_ value: Int, lane: Int) {
        let sum: UnsafeMutablePointer<Int> = places.word(1, of: lane)
        sum.pointee &+= value
    }
}

/// Popularity falls with the rank: the k-th most popular of so many keys is asked for in proportion to k^-0.99.
func zipfKeys(_ keyCount: Int, count: Int, seed: UInt64) -> [Int] {
    var sums: [Double] = []
    sums.reserveCapacity(keyCount)
    var sum = 0.0
    for rank in 1...keyCount {
        sum += pow(Double(rank), -0.99)
        sums.append(sum)
    }
    var state = seed
    return (0..<count).map { _ in
        let goal = uniform(&state) * sum
        var (low, high) = (0, keyCount - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] < goal { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// From 0 to 1: the same sequence for the same seed.
private func uniform(_ state: inout UInt64) -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
}
