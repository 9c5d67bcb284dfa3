import QPW
import QPWPages
import Synchronization

/// The bound of what it holds, one load for each key, and no value of another key, nor one that was freed.
final class CacheTorture: @unchecked Sendable {
    private static let capacity = 2000
    private static let keys = 6000
    /// These are loaded, and evicted, but nobody inserts or removes them.
    private static let loadedKeys = 10_000..<10_400

    /// Until the audit.
    private var existing: PageCache<Int, CacheValue>?
    private let values = CacheValues()
    private let context: TortureContext
    /// How many load that key.
    private let loaders: [LoaderCount]

    private final class LoaderCount: Sendable {
        let word = Atomic<Int>(0)
    }

    private struct NoValue: Error {}

    init(_ context: TortureContext) {
        self.context = context
        existing = PageCache(
            "tortured cache", capacity: context.defect == .lateEviction ? 2 * Self.capacity : Self.capacity,
            policy: context.policy.policy,
            onRemoval: context.defect == .earlyReclaim ? Self.reclaimingEarly(values) : nil)
        loaders = Self.loadedKeys.map { _ in LoaderCount() }
    }

    private static func reclaimingEarly(
        _ values: CacheValues
    ) -> @Sendable (Int, CacheValue, Removal) -> Void {
        { _, value, cause in if cause == .capacity { values.poison(value) } }
    }

    private var cache: PageCache<Int, CacheValue> { existing! }

    func step(_ actor: Actor, _ random: inout SeededRandom) {
        if random.oneIn(64) { _ = System.pinThread(to: context.cpus.randomElement(using: &random)!) }
        let key = Int.random(in: 0..<Self.keys, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: actor.perform(.look) { lookLong(key, actor, &random) }
        case 30..<45: actor.perform(.look) { look(key, actor) }
        case 45..<60:
            actor.perform(.add) { if let value = values.make(key) { cache.insert(value, for: key) } }
        case 60..<64: actor.perform(.remove) { if let value = cache.remove(key) { check(value, key, actor) } }
        case 64..<72: actor.perform(.pin) { cache.withPinned(key) { check($0, key, actor) } }
        case 72..<76: actor.perform(.mark) { cache.deactivate(key) }
        default: load(Int.random(in: Self.loadedKeys, using: &random), actor, &random)
        }
        if random.oneIn(64) { checkBound(actor) }
    }

    private func look(_ key: Int, _ actor: Actor) {
        let found = context.defect == .wrongEntry && key % 8 == 0 ? key + 1 : key
        if let value = cache.get(found) { check(value, key, actor) }
    }

    /// Others may evict, replace and remove it meanwhile.
    private func lookLong(_ key: Int, _ actor: Actor, _ random: inout SeededRandom) {
        cache.withValue(key) { value in
            if random.oneIn(16) { yieldThread() } else { ThreadLuck.dawdle(50) }
            check(value, key, actor)
        }
    }

    private func check(_ value: CacheValue, _ key: Int, _ actor: Actor) {
        if value.key != key { context.findings.note(.mistaken, by: actor.number, on: .current) }
        if !values.isAlive(value.place, value.number) {
            context.findings.note(.reclaimedWhileRead, by: actor.number, on: .current)
        }
    }

    private func load(_ key: Int, _ actor: Actor, _ random: inout SeededRandom) {
        let loader = loaders[key - Self.loadedKeys.lowerBound]
        let takesLong = random.oneIn(8)
        let value = actor.perform(.load) {
            try? getOrLoad(key) { key in
                if loader.word.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue != 1 {
                    context.findings.note(.loadedTwice, by: actor.number, on: .current)
                }
                defer { loader.word.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
                if takesLong { System.sleep(nanoseconds: 100_000) } else { yieldThread() }
                guard let value = values.make(key) else { throw NoValue() }
                return value
            }
        }
        if let value { check(value, key, actor) }
    }

    private func getOrLoad(_ key: Int, _ load: (Int) throws -> CacheValue) throws -> CacheValue {
        guard context.defect == .doubleLoad else { return try cache.getOrLoad(key, load) }
        if let value = cache.get(key) { return value }
        let value = try load(key)
        cache.insert(value, for: key)
        return value
    }

    /// At most half the capacity may sit in batches; some are in the hands of those who evict, and one in each thread's.
    private func checkBound(_ actor: Actor) {
        let inHands = 66 * context.threads
        if cache.statistics.weight > Self.capacity + Self.capacity / 2 + inHands {
            context.findings.note(.overCapacity, by: actor.number)
        }
    }

    /// What has left may still be referred to by batches, so its values need not be freed before the cache ends.
    func audit() {
        cache.removeAll()
        if cache.count != 0 || cache.statistics.weight != 0 {
            context.findings.explain("\(cache.count) entries of weight \(cache.statistics.weight) are left")
            context.findings.note(.leaked)
        }
        existing = nil
        while values.livingCount != 0 { System.sleep(nanoseconds: 200_000) }
    }
}
