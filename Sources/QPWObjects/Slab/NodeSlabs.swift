import CQPW
import QPW

/// A cache's slabs of one NUMA node: what lies behind its barn.
///
/// They are kept in shares, one for each CPU up to a limit, so that CPUs neither wait for each other here nor hand each other
/// memory that is warm elsewhere: a CPU takes from its own share, and an object goes back to the share that its slab belongs
/// to. Only where memory would have to be mapped are the others' shares looked at first. Everything here is done for many
/// objects at a time. Kernel counterpart: `struct kmem_cache_node` (mm/slub.c), whose list is not divided.
package final class NodeSlabs: Sendable {
    /// What went wrong with an object that somebody frees.
    package enum Refusal: Error, @unchecked Sendable {
        case doubleFree(UnsafeMutableRawPointer)
        /// In no slab at all.
        case foreign(UnsafeMutableRawPointer)
        case ofAnotherCache(UnsafeMutableRawPointer)
        /// In a slab of the cache, and not where an object begins.
        case notAnObject(UnsafeMutableRawPointer)
    }

    private static let mostShares = 32
    /// Empty slabs that a cache keeps until it is shrunk, all shares together: 2 MiB. And the least that one keeps.
    private static let emptySlabsKept = 32
    private static let leastKept = 2

    private let node: Int
    private let tag: Int
    private let stride: Int
    /// What the objects of a new slab are filled with.
    private let filling: UInt8?
    private let layout: (first: Int, capacity: Int)
    let pool: SlabPool
    private let shares: [Latch<SlabShare>]

    package init(
        node: Int, tag: Int, stride: Int, alignment: Int, filling: UInt8?, cpus: Int, pool: SlabPool
    ) {
        self.filling = filling
        self.node = node
        self.tag = tag
        self.stride = stride
        self.pool = pool
        layout = Slab.layout(stride: stride, alignment: alignment)
        let count = max(1, min(cpus, Self.mostShares))
        let kept = max(Self.leastKept, Self.emptySlabsKept / count)
        shares = (0..<count).map { _ in Latch(SlabShare(emptySlabsKept: kept)) }
    }

    package var shareCount: Int { shares.count }

    /// The share of the CPU that the thread runs on.
    package var home: Int { CPU.current.id % shares.count }

    deinit {
        for share in shares { share.destroy() }
    }

    /// Takes up to `count` objects; fewer only if the system has no memory.
    package func take(
        _ count: Int, for cache: UnsafeRawPointer, into objects: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) -> Int {
        let home = home
        var taken = take(count, from: home, into: objects)
        while taken < count {
            if let slab = pool.takeMapped() {
                add(slab, to: home, for: cache)
            } else {
                taken += takeFromOthers(than: home, count - taken, into: objects + taken)
                guard taken < count else { return count }
                guard let slab = pool.take() else { return taken }
                add(slab, to: home, for: cache)
            }
            taken += take(count - taken, from: home, into: objects + taken)
        }
        return count
    }

    private func take(
        _ count: Int, from share: Int, into objects: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) -> Int {
        shares[share].withLock { $0.take(count, into: objects) }
    }

    private func takeFromOthers(
        than home: Int, _ count: Int, into objects: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) -> Int {
        var taken = 0
        for share in shares.indices where share != home && taken < count {
            taken += take(count - taken, from: share, into: objects + taken)
        }
        return taken
    }

    private func add(_ slab: Slab, to share: Int, for cache: UnsafeRawPointer) {
        slab.format(for: cache, node: node, share: share, tag: tag, stride: stride, layout: layout)
        if let filling { slab.fill(with: filling) }
        shares[share].withLock { $0.add(slab) }
    }

    /// Gives objects of this node back; returns what is wrong with those that were not taken.
    ///
    /// Nothing is read of an address that is in no slab.
    package func put(
        _ objects: UnsafeBufferPointer<UnsafeMutableRawPointer>, of cache: UnsafeRawPointer
    ) -> [Refusal] {
        var refusals: [Refusal] = []
        var rest = objects
        while let object = rest.first {
            var done = 1
            do throws(Refusal) {
                done = try putFirst(rest, in: Slab.origin(of: object, cache), of: cache)
            } catch {
                refusals.append(error)
            }
            rest = UnsafeBufferPointer(rebasing: rest[done...])
        }
        return refusals
    }

    /// Gives back the first object, of `slab`, and those behind it of the same share; returns how many.
    private func putFirst(
        _ objects: UnsafeBufferPointer<UnsafeMutableRawPointer>, in slab: Slab, of cache: UnsafeRawPointer
    ) throws(Refusal) -> Int {
        let (done, surplus) = try shares[slab.share].withLock { share throws(Refusal) in
            (try share.put(objects, in: slab, of: cache), share.removeSurplus())
        }
        giveToPool(surplus)
        return done
    }

    /// Whether a slab's object is in the slab.
    func isFree(_ index: Int, in slab: Slab) -> Bool {
        shares[slab.share].withLock { _ in slab.isFree(index) }
    }

    /// Gives all empty slabs to the pool; returns how many.
    func shrink() -> Int {
        shares.reduce(0) { sum, share in
            let surplus = share.withLock { $0.removeEmpty(keeping: 0) }
            giveToPool(surplus)
            return sum + surplus.count
        }
    }

    private func giveToPool(_ slabs: SlabList) {
        var slabs = slabs
        while let slab = slabs.removeFirst() {
            // The next cache's header may lie where this one's objects were.
            qpw_sanitizer_unpoison(slab.address, Slab.size)
            pool.put(slab)
        }
    }

    var slabCount: Int { shares.reduce(0) { sum, share in sum + share.withLock { $0.slabs } } }

    /// Objects that are in sheaves or in the hands of users.
    var objectsInUse: Int { shares.reduce(0) { sum, share in sum + share.withLock { $0.objectsInUse } } }
}

extension Slab {
    /// The slab of an object that somebody says is of `cache`.
    static func origin(
        of object: UnsafeMutableRawPointer, _ cache: UnsafeRawPointer
    ) throws(NodeSlabs.Refusal) -> Slab {
        guard ChunkMap.shared.contains(object) else { throw .foreign(object) }
        let slab = containing(object)
        guard slab.cache == cache else { throw .ofAnotherCache(object) }
        return slab
    }
}
