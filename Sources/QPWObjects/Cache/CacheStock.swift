import CQPW
import QPW
import Synchronization

// field        | who writes                     | under what            | memory order
// -------------|--------------------------------|-----------------------|--------------------------------------------
// hasCallbacks | who hands something to RCU     | nothing; never reset  | relaxed: the cache's end comes after all its
//              |                                |                       | uses, for whoever drops the last reference
// nodes        | everybody                      | each node's own locks |
//
// Nothing outlives what it needs. A callback of RCU keeps the stock, and needs nothing else: neither the cache's slots nor
// its owner. So the cache may end at any moment at which nobody uses it. What it leaves are callbacks, and the stock ends
// with the last of them: `deinit` runs once no callback exists and no cache does.
//
// The cache's end waits for those callbacks wherever it may, so that a program that drops its last reference finds the
// memory given back and the leaked objects counted on the next line. `RCUDomain.barrier` returns after every callback that
// was queued before, and each of them was freed, with its reference to the stock, before it counted as run: then the
// cache's own reference is the last one. In a callback nobody can wait for callbacks; there the stock is left to the last
// one.

/// What lies behind the sheaves of a cache: a barn and slabs for each NUMA node, and all that frees into them.
final class CacheStock: @unchecked Sendable {
    /// What a node has; the stock keeps it, and to use it counts no reference.
    struct Node: Sendable {
        let barn: Barn
        private let unmanagedSlabs: Unmanaged<NodeSlabs>

        fileprivate init(_ slabs: NodeSlabs) {
            barn = Barn(stalls: slabs.shareCount)
            unmanagedSlabs = .passUnretained(slabs)
        }

        var slabs: NodeSlabs { unmanagedSlabs.takeUnretainedValue() }

        @inline(__always)
        func withSlabs<R>(_ body: (NodeSlabs) -> R) -> R { unmanagedSlabs._withUnsafeGuaranteedRef(body) }
    }

    let name: String
    let objectSize: Int
    let sheafCapacity: Int
    let flags: ObjectCache.Flags
    let hasOneNode: Bool
    let nodes: [Node]
    private let slabs: [NodeSlabs]
    let memory: MemorySource
    let rcu: RCUDomain
    let statistics: CacheStatistics
    /// Here, so that a signal handler finds it made.
    let chunks = ChunkMap.shared
    /// Whether RCU was ever given something.
    private let hasCallbacks = Atomic<Bool>(false)

    init(
        name: String, objectSize: Int, sheafCapacity: Int, flags: ObjectCache.Flags, rcu: RCUDomain,
        topology: Topology, memory: MemorySource, nodes: [NodeSlabs]
    ) {
        self.name = name
        self.objectSize = objectSize
        self.sheafCapacity = sheafCapacity
        self.flags = flags
        self.rcu = rcu
        self.memory = memory
        slabs = nodes
        self.nodes = nodes.map(Node.init)
        hasOneNode = nodes.count == 1
        statistics = CacheStatistics(topology: topology)
    }

    deinit {
        for node in nodes.indices { emptyBarn(node) }
        let leaked = objectsInUse
        _ = giveBack()
        for node in nodes { node.barn.destroy() }
        if leaked > 0 { warn("object cache '\(name)' ends while \(leaked) of its objects are in use.") }
    }

    /// What slabs know the cache by.
    var identity: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

    var objectsInUse: Int { slabs.reduce(0) { $0 + $1.objectsInUse } }
    var slabCount: Int { slabs.reduce(0) { $0 + $1.slabCount } }

    /// Gives empty slabs and unused memory back to the system; returns the bytes.
    func giveBack() -> Int {
        for each in slabs { _ = each.shrink() }
        return slabs.reduce(0) { $0 + $1.pool.trim() }
    }
}

// MARK: - Sheaves that nobody holds

extension CacheStock {
    func makeSheaf() -> Sheaf? {
        guard let sheaf = Sheaf.make(capacity: sheafCapacity, from: memory) else { return nil }
        statistics.note(.sheafAlloc)
        return sheaf
    }

    /// Puts a sheaf that no CPU had a place for into the barn, or its objects back into slabs.
    func putAway(_ sheaf: Sheaf, _ node: Int) {
        if sheaf.isFull && isOrdinary(sheaf) {
            if nodes[node].barn.origin(of: sheaf).putFull(sheaf) { return statistics.note(.barnPut) }
            statistics.note(.barnPutFail)
        }
        flush(sheaf)
        keepOrDestroy(sheaf, node)
    }

    /// An empty sheaf.
    func keepOrDestroy(_ sheaf: Sheaf, _ node: Int) {
        if isOrdinary(sheaf) && stall(node).putEmpty(sheaf) { return }
        destroy(sheaf)
    }

    private func isOrdinary(_ sheaf: Sheaf) -> Bool {
        sheaf.capacity == sheafCapacity && !sheaf.isBootstrap
    }

    func destroy(_ sheaf: Sheaf) {
        if sheaf.isBootstrap { return }
        sheaf.destroy(memory)
        statistics.note(.sheafFree)
    }

    /// Gives a sheaf's objects back to their slabs.
    func flush(_ sheaf: Sheaf) {
        guard !sheaf.isEmpty else { return }
        statistics.note(.sheafFlush)
        putIntoSlabs(UnsafeBufferPointer(start: sheaf.objects, count: sheaf.size))
        sheaf.size = 0
    }

    /// The stall of the CPU that the thread runs on.
    func stall(_ node: Int) -> Stall { nodes[node].barn[nodes[node].withSlabs { $0.home }] }

    func emptyBarn(_ node: Int) {
        let barn = nodes[node].barn
        while let full = barn.takeFullFromAny() {
            flush(full)
            destroy(full)
        }
        while let empty = barn.takeEmptyFromAny() { destroy(empty) }
    }

    /// Objects of several nodes may be mixed.
    func putIntoSlabs(_ objects: UnsafeBufferPointer<UnsafeMutableRawPointer>) {
        if hasOneNode { return report(nodes[0].withSlabs { $0.put(objects, of: identity) }) }
        for node in nodes.indices {
            let own = objects.filter { self.node(of: $0) == node }
            own.withUnsafeBufferPointer { report(nodes[node].slabs.put($0, of: identity)) }
        }
    }

    func putIntoSlabs(_ object: Object) {
        statistics.note(.freeSlowpath)
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: 1) { room in
            room[0] = object.address
            putIntoSlabs(UnsafeBufferPointer(room))
        }
    }
}

// MARK: - After a grace period

extension CacheStock {
    /// Never waits.
    func freeAfterGracePeriod(_ sheaf: Sheaf, _ node: Int) {
        callAfterGracePeriod { stock in
            for index in 0..<sheaf.size { stock.retire(sheaf.objects[index]) }
            stock.putAway(sheaf, node)
        }
    }

    /// An object for which there is no sheaf. It goes to its slab: where its callback runs says nothing of who needs it.
    func freeAfterGracePeriod(_ object: Object) {
        statistics.note(.freeRCUSheafFail)
        callAfterGracePeriod { stock in
            stock.retire(object.address)
            stock.putIntoSlabs(object)
        }
    }

    private func callAfterGracePeriod(_ body: @escaping @Sendable (CacheStock) -> Void) {
        if !hasCallbacks.load(ordering: .relaxed) { hasCallbacks.store(true, ordering: .relaxed) }
        rcu.call { body(self) }
    }

    /// Waits for the callbacks above, if there were any and the thread may.
    func waitForCallbacks() {
        if hasCallbacks.load(ordering: .relaxed) && !RCUDomain.isInCallback { rcu.barrier() }
    }
}
