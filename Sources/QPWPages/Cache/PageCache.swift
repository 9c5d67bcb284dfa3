public import QPW
import Synchronization

/// A bounded cache for many threads, whose hits take no lock and write to no shared memory.
///
/// What is used stays. New entries prove themselves on a short *inactive* list; what is used there moves to the *active* list,
/// the rest is evicted; what comes back soon after that was evicted too early, and is active at once. So a scan over many keys
/// that are used once does not flush those that are used often.
///
/// ```swift
/// let pages = PageCache<Int, Page>("pages", capacity: 10_000)
/// if let page = pages.get(7) { … }
/// pages.insert(page, for: 7)
/// let page = try pages.getOrLoad(7) { key in try read(key) }     // one load, however many ask at once
/// ```
///
/// Keys are hashed with a secret of the cache. A type whose `hash(into:)` gives many keys the same hash gets a cache that holds
/// at most 28 of them, and is no slower for it.
///
/// What is in it weighs at most its capacity, and beyond that only what cannot be evicted at that moment: pinned entries, what
/// others are evicting or inserting, some 193 for each thread, and what is in CPUs' batches, up to 62 each, together
/// half the capacity at most. A key's `==` and `hash(into:)` must not use the cache.
///
/// An entry that left the cache is freed within milliseconds, on another thread: so its value's deinitialiser may run anywhere.
/// One that sits in a CPU's batch still, of at most 31 updates each, is freed once that is moved: on an idle CPU not before
/// somebody drains it, or the cache ends.
/// Not for signal handlers. A function of a cache must not be called while holding a slot of a `PerCPU` structure.
/// Thread-safe.
public final class PageCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline typealias Entry = CacheEntry<Key, Value>

    @usableFromInline let core: CacheCore
    @usableFromInline let secret: HashSecret
    @usableFromInline let rcu: RCUDomain
    @usableFromInline let table: TableWord
    @usableFromInline let misses = PerCPUCounter()
    /// Read sections that are not look-ups: hits are what is left without them and the misses.
    @usableFromInline let asides = PerCPUCounter()
    let flights = Flights<Key, Value>()
    let loads = Atomic<Int>(0)
    let failedLoads = Atomic<Int>(0)
    let timing: CacheTiming?
    @usableFromInline let isTimed: Bool
    let weigher: (@Sendable (Key, Value) -> Int)?

    /// Makes a cache of at most so many entries.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - capacity: 1 to 2^48.
    ///   - policy: who moves another CPU's batches when they are needed; nil for the process default.
    ///   - topology: which CPUs and nodes there are.
    ///   - expiry: how long values are good for.
    ///   - clock: what tells the time, if they expire.
    ///   - onRemoval: is told of each entry that leaves, and why, by the thread that made it leave; no lock is held, and it may
    ///     call the cache.
    public convenience init(
        _ name: String = "cache", capacity: Int, policy: QPWPolicy? = nil, topology: Topology = .system,
        expiry: Expiry = Expiry(), clock: CacheClock = .monotonic,
        onRemoval: (@Sendable (Key, Value, Removal) -> Void)? = nil
    ) {
        self.init(
            name, weightCapacity: capacity, expectedEntries: Swift.min(capacity, Self.mostExpected),
            policy: policy, topology: topology,
            weigher: nil, expiry: expiry, clock: clock, onRemoval: onRemoval)
    }

    /// Makes a cache whose entries weigh at most so much together.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - weightCapacity: 1 to 2^48.
    ///   - policy: who moves another CPU's batches when they are needed; nil for the process default.
    ///   - topology: which CPUs and nodes there are.
    ///   - expiry: how long values are good for.
    ///   - clock: what tells the time, if they expire.
    ///   - weigher: what an entry weighs, 0 or more; asked once, when it is inserted. What weighs nothing needs no room, and
    ///     nothing bounds how much of it there is. What weighs more than the capacity is not kept.
    ///   - onRemoval: is told of each entry that leaves, and why, by the thread that made it leave; no lock is held, and it may
    ///     call the cache.
    public convenience init(
        _ name: String = "cache", weightCapacity: Int, policy: QPWPolicy? = nil, topology: Topology = .system,
        expiry: Expiry = Expiry(), clock: CacheClock = .monotonic,
        weigher: @escaping @Sendable (Key, Value) -> Int,
        onRemoval: (@Sendable (Key, Value, Removal) -> Void)? = nil
    ) {
        self.init(
            name, weightCapacity: weightCapacity, expectedEntries: 0, policy: policy, topology: topology,
            weigher: weigher, expiry: expiry, clock: clock, onRemoval: onRemoval)
    }

    /// For more, the table grows when they come.
    private static var mostExpected: Int { 1 << 22 }

    init(
        _ name: String, weightCapacity: Int, expectedEntries: Int, policy: QPWPolicy?, topology: Topology,
        weigher: (@Sendable (Key, Value) -> Int)?, expiry: Expiry, clock: CacheClock,
        onRemoval: (@Sendable (Key, Value, Removal) -> Void)?
    ) {
        let words = Entry.aligned(Entry.size, to: 8)
        timing = CacheTiming(expiry, clock, offset: words, name: name)
        isTimed = timing != nil
        rcu = RCUDomain(name, topology: topology)
        secret = HashSecret()
        self.weigher = weigher
        core = CacheCore(
            name: name, capacity: weightCapacity, expectedEntries: expectedEntries, policy: policy,
            topology: topology, rcu: rcu,
            memory: EntryMemory(
                entryBytes: isTimed ? words + CacheTiming.bytes : Entry.size, alignment: Entry.alignment,
                expectedEntries: expectedEntries, policy: policy,
                topology: topology, name: name),
            listener: onRemoval.map(Self.listener), destroy: { Entry($0).deinitialize() })
        table = core.table
    }

    private static func listener(
        _ onRemoval: @escaping @Sendable (Key, Value, Removal) -> Void
    ) -> @Sendable (Folio, Removal) -> Void {
        { folio, cause in onRemoval(Entry(folio).key.pointee, Entry(folio).value.pointee, cause) }
    }

    /// What messages call it.
    public var name: String { core.name }

    /// What its entries may weigh together; how many there may be, if they are not weighed.
    public var capacity: Int { core.capacity }
}

// MARK: - Looking up

extension PageCache {
    /// The value of a key; nil if there is none.
    ///
    /// Wait-free. Costs little more than a look-up in a `Dictionary` that nobody changes.
    @inlinable
    public func get(_ key: Key) -> Value? {
        // Not by `read`: the body would be compiled to a function of its own, and called.
        let section = rcu.readLock()
        let value = use(key)?.value.pointee
        rcu.readUnlock(section)
        if _slowPath(isTimed), value == nil { takeOutExpired(key) }
        return value
    }

    /// Runs `body` on the value of a key, without copying it; nil if there is none.
    ///
    /// It runs in a read section of the cache: until it ends, nothing that leaves the cache is freed. It must not wait long.
    @inlinable
    public func withValue<R, E: Error>(_ key: Key, _ body: (borrowing Value) throws(E) -> R) throws(E) -> R? {
        let result = try rcu.read { () throws(E) -> R? in
            guard let entry = use(key) else { return nil }
            return try body(entry.value.pointee)
        }
        if _slowPath(isTimed), result == nil { takeOutExpired(key) }
        return result
    }

    /// Whether there is a value for a key. It is not a use of it.
    @inlinable
    public func contains(_ key: Key) -> Bool {
        readAside { look(key) != nil }
    }

    /// A read section in which no look-up is counted.
    @inlinable
    func readAside<R>(_ body: () -> R) -> R {
        asides.add()
        return rcu.read(body)
    }

    /// In a read section of its own, for every such section is a look-up: the entry of a key, which counts as used.
    @inlinable @inline(__always)
    func use(_ key: Key) -> Entry? {
        guard let entry = find(key, secret.hash(key)), !isTimed || isGood(entry) else {
            misses.add()
            return nil
        }
        entry.folio.noteUse()
        return entry
    }

    /// In a read section: the entry of a key, which does not count as used.
    @inlinable
    func look(_ key: Key) -> Entry? {
        guard let entry = find(key, secret.hash(key)), !isTimed || isUnexpired(entry) else { return nil }
        return entry
    }

    /// In a read section.
    @inlinable @inline(__always)
    func find(_ key: Key, _ hash: UInt64) -> Entry? {
        let line = table.current.line(of: hash)
        let tag = cacheTag(of: hash)
        if let folio = CacheSlot.folio(in: line.home(of: hash).word, tagged: tag) {
            let entry = Entry(folio)
            if _fastPath(entry.key.pointee == key) { return entry }
        }
        return findElsewhere(key, line, tag)
    }

    @inlinable @inline(never)
    func findElsewhere(_ key: Key, _ line: CacheLine, _ tag: UInt) -> Entry? {
        var found: Entry?
        line.forEachSlot { slot in
            if let folio = CacheSlot.folio(in: slot.word, tagged: tag) {
                let entry = Entry(folio)
                if entry.key.pointee == key { found = entry }
            }
            return found == nil
        }
        return found
    }
}
