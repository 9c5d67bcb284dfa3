import QPW
import Synchronization

/// What a cache counts. Several counts are not of one moment.
public struct CacheStatistics: Hashable, Sendable {
    /// Look-ups that found a value, pins included.
    public var hits = 0
    /// Look-ups that found none.
    public var misses = 0
    /// Loads that were done.
    public var loads = 0
    /// Those of them that threw.
    public var failedLoads = 0
    /// How many entries left, by cause.
    public var removals: [Removal: Int] = [:]
    /// Insertions of keys that had been evicted so lately that a cache of twice the capacity would still have had them.
    public var refaults = 0
    /// Entries that there are.
    public var count = 0
    /// What they weigh, with those that are being inserted.
    public var weight = 0
    /// Entries that have left and are not freed yet.
    public var unfreed = 0
    /// The lists' own: batches, drains, acquisitions of their lock.
    public var lru = LRUStatistics()

    /// Hits among all look-ups, 0 to 1; 0 before the first.
    public var hitRatio: Double { hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses) }

    /// Entries that left because the cache decided it.
    public var evictions: Int { removals.reduce(0) { $1.key.isEviction ? $0 + $1.value : $0 } }
}

extension PageCache {
    /// What was counted so far. A few loads for each CPU and a lock for each stripe of the table.
    public var statistics: CacheStatistics {
        var sum = CacheStatistics()
        sum.misses = misses.value
        sum.hits = hits(without: sum.misses)
        sum.loads = loads.load(ordering: .relaxed)
        sum.failedLoads = failedLoads.load(ordering: .relaxed)
        for cause in Removal.allCases { sum.removals[cause] = core.departures[cause] }
        sum.refaults = core.refaults
        sum.count = core.entryCount
        sum.weight = core.used.load(ordering: .relaxed)
        sum.unfreed = core.reaper.pending
        sum.lru = core.lru.statistics
        return sum
    }

    /// What has neither missed nor is no look-up has hit: a hit counts nothing that its read section has not counted already.
    private func hits(without misses: Int) -> Int {
        Swift.max(0, Int(truncatingIfNeeded: rcu.sectionsBegun) - misses - asides.value)
    }

    /// How many entries there are. A lock for each stripe of the table.
    public var count: Int { core.entryCount }
}

extension CacheCore {
    var entryCount: Int { sum(\.entryCount) }

    var refaults: Int { sum(\.refaultCount) }

    private func sum(_ count: (Stripe) -> Int) -> Int {
        (0..<stripes.count).reduce(0) { sum, index in
            sum + stripes[index].withLock { count(stripes[index]) }
        }
    }
}
