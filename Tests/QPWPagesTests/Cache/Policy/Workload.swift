import Foundation
import QPWTestSupport
import Testing

/// A sequence of keys from 0 up, which a policy is judged by.
struct Workload: Sendable, CustomTestStringConvertible {
    let name: String
    let keys: [Int]
    let keyCount: Int
    let capacity: Int
    /// Requests at the beginning that do not count.
    let warmUp: Int

    var testDescription: String { name }

    /// Popularity falls with the rank: the k-th most popular key is asked for in proportion to k^-0.99.
    static let zipf = Workload(
        name: "Zipf 0.99", keys: zipfKeys(100_000, count: 1_200_000, seed: 1), keyCount: 100_000,
        capacity: 10_000, warmUp: 300_000)

    /// The same, and every 100 000 requests a scan over 20 000 keys that are never asked for again.
    static let scans: Workload = {
        let base = zipf
        var keys: [Int] = []
        var next = base.keyCount
        for start in stride(from: 0, to: base.keys.count, by: 100_000) {
            keys += base.keys[start..<min(start + 100_000, base.keys.count)]
            keys += next..<next + 20_000
            next += 20_000
        }
        return Workload(
            name: "Zipf with scans", keys: keys, keyCount: next, capacity: base.capacity, warmUp: 300_000)
    }()

    /// The same keys one after the other, a few more than the cache holds.
    static func loop(over keyCount: Int, capacity: Int) -> Workload {
        Workload(
            name: "loop of \(keyCount) over \(capacity)", keys: (0..<60 * keyCount).map { $0 % keyCount },
            keyCount: keyCount, capacity: capacity, warmUp: 30 * keyCount)
    }

    /// Two thirds Zipf, one third a loop that alone would overflow the cache.
    static let mixed: Workload = {
        var random = SeededRandom(7, thread: 0)
        var next = 0
        let keys = zipfKeys(20_000, count: 600_000, seed: 3).map { key in
            guard random.next() % 3 == 0 else { return key }
            next = (next + 1) % 2400
            return 20_000 + next
        }
        return Workload(
            name: "Zipf and a loop", keys: keys, keyCount: 22_400, capacity: 2000, warmUp: 100_000)
    }()

    static let all = [
        zipf, scans, mixed, loop(over: 2100, capacity: 2000), loop(over: 2400, capacity: 2000),
        loop(over: 3000, capacity: 2000),
    ]

    private static func zipfKeys(_ keyCount: Int, count: Int, seed: UInt64) -> [Int] {
        var sums: [Double] = []
        sums.reserveCapacity(keyCount)
        var sum = 0.0
        for rank in 1...keyCount {
            sum += pow(Double(rank), -0.99)
            sums.append(sum)
        }
        var random = SeededRandom(seed, thread: 0)
        return (0..<count).map { _ in
            let goal = Double(random.next() >> 11) * 0x1p-53 * sum
            var (low, high) = (0, keyCount - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] < goal { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
