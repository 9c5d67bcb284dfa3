import QPWPages

/// Requests by which caches are compared: what share of them they have.
struct HitRatio: Sendable {
    let name: String
    let capacity: Int
    /// Requests at the beginning that do not count.
    let warmUp: Int
    let keys: @Sendable () -> [Int]

    static let all = [zipf, scans, loop] + (KeyTrace.database.map { [database($0)] } ?? [])

    static let zipf = HitRatio(name: "zipf", capacity: 10_000, warmUp: 100_000) {
        zipfKeys(100_000, count: 400_000, seed: 1)
    }

    /// The same, and every 100 000 requests a scan over 20 000 keys that are never asked for again.
    static let scans = HitRatio(name: "scans", capacity: 10_000, warmUp: 120_000) {
        let base = zipf.keys()
        var next = 100_000
        return stride(from: 0, to: base.count, by: 100_000).flatMap { start in
            next += 20_000
            return base[start..<min(start + 100_000, base.count)] + Array(next - 20_000..<next)
        }
    }

    /// A few more keys than there is room for, one after the other.
    static let loop = HitRatio(name: "loop", capacity: 2000, warmUp: 10 * 2400) {
        (0..<20 * 2400).map { $0 % 2400 }
    }

    /// What a real database reads, with room for a ninth of the blocks that it asks for.
    private static func database(_ trace: KeyTrace) -> HitRatio {
        HitRatio(name: "database", capacity: 300, warmUp: 0) { trace.keys }
    }

    /// The tenth of a million keys.
    static let large = HitRatio(name: "zipf1M", capacity: 100_000, warmUp: 4_000_000) {
        zipfKeys(1_000_000, count: 8_000_000, seed: 1)
    }

    /// In percent.
    func ofCache() -> Double {
        let cache = PageCache<Int, Int>("hit ratio", capacity: capacity)
        return percent { key in
            if cache.get(key) != nil { return true }
            cache.insert(key, for: key)
            return false
        }
    }

    func ofExactLRU() -> Double {
        var lru = ExactLRU(capacity: capacity)
        return percent { key in
            if lru.get(key) != nil { return true }
            lru.insert(key, for: key)
            return false
        }
    }

    private func percent(_ request: (Int) -> Bool) -> Double {
        let keys = keys()
        var hits = 0
        for (number, key) in keys.enumerated() where request(key) && number >= warmUp { hits += 1 }
        return 100 * Double(hits) / Double(max(1, keys.count - warmUp))
    }
}
