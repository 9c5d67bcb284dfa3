public import QPW

/// Memory of any size, from an ``ObjectCache`` for each of thirteen sizes.
///
/// A general allocator whose CPUs' caches can be flushed without disturbing them. The classes are 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096 and 8192 bytes; what is larger is mapped, and
/// unmapped, on its own.
///
/// Memory is raw and uninitialised. Thread-safe; what a signal handler may call says so. What is not freed when it ends is
/// reported by count on standard error; as with a cache, its end may wait for a grace period. Kernel counterpart:
/// `kmalloc_caches` (mm/slab_common.c).
public final class SizeClasses: @unchecked Sendable {
    /// The largest alignment that can be asked for, 4096.
    @inlinable public static var largestAlignment: Int { 4096 }

    /// What messages call it; its caches are called so, with their size.
    public let name: String
    /// A cache for each size, smallest first: for their statistics.
    public let caches: [ObjectCache]

    /// A class as the fast paths see it: no reference is counted, and no array's bounds are checked.
    @usableFromInline
    struct SizeClass {
        @usableFromInline let sheaves: StackAccess
        /// The same, or nothing, if an object might be of another NUMA node than the CPU that frees it.
        @usableFromInline let sheavesToFreeTo: StackAccess?
        let cache: Unmanaged<ObjectCache>
    }

    @usableFromInline let table = SizeTable()
    /// One for each cache, which keeps what it points to.
    @usableFromInline let classes: UnsafeMutablePointer<SizeClass>
    let large: LargeBlocks
    let chunks = ChunkMap.shared
    let rcu: RCUDomain

    /// Makes empty caches. The parameters are those of ``ObjectCache``.
    public convenience init(
        name: String = "sizes", flags: ObjectCache.Flags = [], policy: QPWPolicy = .default,
        isolated: ObjectCache.Isolated = .remote, rcu: RCUDomain = .shared, topology: Topology = .system
    ) {
        self.init(
            name: name, flags: flags, policy: policy, isolated: isolated, rcu: rcu, topology: topology,
            memory: .system, pools: SlabPool.shared(ofNode:))
    }

    init(
        name: String, flags: ObjectCache.Flags, policy: QPWPolicy, isolated: ObjectCache.Isolated,
        rcu: RCUDomain, topology: Topology, memory: MemorySource, pools: (Int) -> SlabPool
    ) {
        self.name = name
        self.rcu = rcu
        large = LargeBlocks(name: name, memory: memory)
        caches = SizeTable.sizes.enumerated().map { index, size in
            ObjectCache(
                name: "\(name)-\(size)", objectSize: size, alignment: SizeTable.alignment(of: size),
                sheafCapacity: nil, flags: flags, policy: policy, isolated: isolated, rcu: rcu,
                topology: topology, memory: memory, pools: pools, tag: index)
        }
        classes = .allocate(capacity: caches.count)
        for (index, cache) in caches.enumerated() {
            let sheaves = cache.sheaves.stackAccess
            (classes + index).initialize(
                to: SizeClass(
                    sheaves: sheaves, sheavesToFreeTo: cache.hasOneNode ? sheaves : nil,
                    cache: .passUnretained(cache)))
        }
    }

    deinit {
        classes.deallocate()
        table.deallocate()
    }

    /// The bytes of each class, smallest first.
    public static var sizes: [Int] { SizeTable.sizes }

    /// The cache that serves `byteCount` bytes of this alignment; nil if they are mapped on their own.
    public func cache(forByteCount byteCount: Int, alignment: Int = 8) -> ObjectCache? {
        let bytes = checked(byteCount, alignment)
        return bytes <= SizeTable.largest ? caches[table[bytes]] : nil
    }

    @inlinable @inline(__always)
    func checked(_ byteCount: Int, _ alignment: Int) -> Int {
        precondition(byteCount >= 0, "QPW: a number of bytes is not negative")
        precondition(
            alignment > 0 && alignment & (alignment &- 1) == 0 && alignment <= Self.largestAlignment,
            "QPW: an alignment is a power of two up to 4096")
        // What is too large for a class must not overflow.
        return byteCount > SizeTable.largest ? byteCount : SizeTable.padded(byteCount, alignment)
    }
}
