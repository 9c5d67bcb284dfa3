import CQPW
public import QPW

/// There was no memory for an allocation. What was asked for has not happened; nothing is lost.
public struct OutOfMemory: Error, Sendable, CustomStringConvertible {
    /// The cache's name.
    public let cache: String

    @usableFromInline
    init(cache: String) { self.cache = cache }

    /// One line that names the cache.
    public var description: String { "no memory for an object of '\(cache)'" }
}

/// Objects of one size, allocated and freed on each CPU without atomic instructions and without touching what other CPUs use.
///
/// In front of slabs, which are shared and locked, each NUMA node has a *barn* of full and empty *sheaves*, arrays of free
/// objects; in front of the barn each CPU has a `main` sheaf, which it allocates from and frees to, and a `spare` one. So
/// the slabs' lock is taken once for some sixty objects, and most exchanges between CPUs end in the barn.
///
/// A CPU's sheaves can be flushed from elsewhere (``flush()``, ``flush(_:)``, ``shrink()``) without the CPU's help: that is
/// what the cache's `QPWPolicy` is for.
///
/// Memory is raw and uninitialised. Thread-safe; what a signal handler may call says so. Kernel counterpart:
/// `struct kmem_cache` (mm/slub.c).
public final class ObjectCache: @unchecked Sendable {
    /// Checks that cost time, for finding a program's errors.
    public struct Flags: OptionSet, Sendable {
        /// The flags as bits.
        public let rawValue: UInt32

        /// The flags whose bits are set.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Bytes behind each object that nobody may write: looked at when it is freed. Kernel: `SLAB_RED_ZONE`.
        public static let redZones = Flags(rawValue: 1)
        /// A pattern in free objects that nobody may write: looked at when one is allocated. Kernel: `SLAB_POISON`.
        public static let poison = Flags(rawValue: 2)
        /// Addresses that are freed are checked against the slabs at once. Kernel: `SLAB_CONSISTENCY_CHECKS`.
        public static let consistencyChecks = Flags(rawValue: 4)
        /// All of them.
        public static let debug: Flags = [.redZones, .poison, .consistencyChecks]
    }

    /// What CPUs get that must not be disturbed.
    public enum Isolated: Sendable {
        /// Sheaves like everybody; others drain them, at what the policy makes it cost.
        case remote
        /// None: their allocations take the slow path, and there is nothing to drain.
        case bypass
    }

    /// What messages call the cache.
    public let name: String
    /// Bytes that an object may use.
    public let objectSize: Int
    /// What an object's address is a multiple of.
    public let alignment: Int
    /// Objects in a sheaf; zero for a cache without sheaves.
    public let sheafCapacity: Int
    /// The checks that are on.
    public let flags: Flags

    @usableFromInline let sheaves: PerCPU<CPUSheaves>
    /// Whether every object belongs to every CPU's node: then a free needs no look at the slab.
    @usableFromInline let hasOneNode: Bool
    let stock: CacheStock
    /// The stock's, a load nearer.
    let nodes: [CacheStock.Node]
    let rcu: RCUDomain

    /// Makes a cache without objects.
    ///
    /// - Parameters:
    ///   - name: what messages call the cache.
    ///   - objectSize: 1...16384 bytes.
    ///   - alignment: a power of two, at most 4096.
    ///   - sheafCapacity: nil for the kernel's choice: 4 from 4096 bytes up, 12 from 1024, 26 from 256, else 60; zero for
    ///     none. Debug flags make it zero.
    ///   - flags: checks for finding errors; none unless given.
    ///   - policy: fixed for the cache's life.
    ///   - isolated: what CPUs get that must not be disturbed.
    ///   - rcu: the domain whose readers ``deallocate(afterGracePeriod:)`` waits for.
    ///   - topology: which CPUs and nodes there are.
    ///
    /// Sizes out of range trap with a message.
    public convenience init(
        name: String, objectSize: Int, alignment: Int = 16, sheafCapacity: Int? = nil, flags: Flags = [],
        policy: QPWPolicy = .default, isolated: Isolated = .remote, rcu: RCUDomain = .shared,
        topology: Topology = .system
    ) {
        self.init(
            name: name, objectSize: objectSize, alignment: alignment, sheafCapacity: sheafCapacity,
            flags: flags,
            policy: policy, isolated: isolated, rcu: rcu, topology: topology, memory: .system,
            pools: SlabPool.shared(ofNode:))
    }

    init(
        name: String, objectSize: Int, alignment: Int, sheafCapacity: Int?, flags: Flags, policy: QPWPolicy,
        isolated: Isolated, rcu: RCUDomain, topology: Topology, memory: MemorySource,
        pools: (Int) -> SlabPool, tag: Int = 0
    ) {
        Self.check(name, objectSize, alignment, sheafCapacity)
        self.name = name
        self.objectSize = objectSize
        self.alignment = alignment
        self.flags = flags
        self.rcu = rcu
        let stride = Self.stride(objectSize, alignment, flags)
        let capacity = flags.isEmpty ? sheafCapacity ?? Self.capacity(forObjectOf: stride) : 0
        self.sheafCapacity = capacity
        let nodeIndex = NodeIndex(topology)
        let slabs = (0..<nodeIndex.count).map { index in
            NodeSlabs(
                node: index, tag: tag, stride: stride, alignment: alignment,
                filling: flags.contains(.poison) ? Poison.byte : nil, cpus: topology.slotCount,
                pool: pools(index))
        }
        stock = CacheStock(
            name: name, objectSize: objectSize, sheafCapacity: capacity, flags: flags, rcu: rcu,
            topology: topology, memory: memory, nodes: slabs)
        nodes = stock.nodes
        hasOneNode = stock.hasOneNode
        let quiet = isolated == .bypass ? topology.quiet : []
        sheaves = PerCPU(name, policy: policy, topology: topology, capabilities: .forObjects) { cpu in
            CPUSheaves(
                node: nodeIndex[cpu], stall: cpu.id % slabs[0].shareCount,
                isBypassed: capacity == 0 || quiet.contains(cpu))
        }
    }

    /// Gives all memory back, and says on standard error how many objects were never freed.
    ///
    /// Waits for what ``deallocate(afterGracePeriod:)`` left, so where that was used the last reference must not be dropped
    /// in a read section of the cache's RCU domain, nor while holding a slot: debug builds trap. Dropped in a callback of
    /// RCU it does not wait: memory goes back, and leaks are reported, with the last callback. Kernel counterpart:
    /// `kmem_cache_destroy`.
    deinit {
        sheaves.forEachUnshared { sheaves, cpu in putAway(detach(&sheaves, of: cpu)) }
        stock.waitForCallbacks()
    }

    private static func check(_ name: String, _ size: Int, _ alignment: Int, _ capacity: Int?) {
        precondition((1...16384).contains(size), "'\(name)': an object has 1 to 16384 bytes, not \(size)")
        precondition(
            (1...4096).contains(alignment) && alignment & (alignment - 1) == 0,
            "'\(name)': an alignment is a power of two up to 4096, not \(alignment)")
        precondition((0...4096).contains(capacity ?? 0), "'\(name)': a sheaf holds 0 to 4096 objects")
    }

    private static func stride(_ size: Int, _ alignment: Int, _ flags: Flags) -> Int {
        let withZone = flags.contains(.redZones) ? size + RedZone.size : size
        let unit = max(alignment, 8)
        return (withZone + unit - 1) / unit * unit
    }

    /// Kernel counterpart: `calculate_sheaf_capacity` (mm/slub.c).
    private static func capacity(forObjectOf size: Int) -> Int {
        switch size {
        case 4096...: 4
        case 1024...: 12
        case 256...: 26
        default: 60
        }
    }
}

extension Capabilities {
    /// A restartable push or pop tells the address sanitizer nothing: there every allocation takes its slot.
    fileprivate static let forObjects: Capabilities = {
        var capabilities = Capabilities.system
        if qpw_address_sanitizer() {
            capabilities.rseq = .missing("the address sanitizer must see every object")
        }
        return capabilities
    }()
}
