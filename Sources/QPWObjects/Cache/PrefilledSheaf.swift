import QPW

/// A number of objects set aside, so that allocating them cannot fail: for code that must not run out half-way.
///
/// Made by ``ObjectCache/prefill(_:)``; what is left goes back to the cache when it ends. Not shared between threads.
/// Kernel counterpart: `kmem_cache_prefill_sheaf`, `kmem_cache_alloc_from_sheaf` (mm/slub.c).
public struct PrefilledSheaf: ~Copyable {
    private let cache: ObjectCache
    private var sheaf: Sheaf
    private let node: Int

    fileprivate init(_ cache: ObjectCache, _ sheaf: Sheaf, _ node: Int) {
        self.cache = cache
        self.sheaf = sheaf
        self.node = node
    }

    deinit {
        cache.takeBack(sheaf, node)
    }

    /// Objects that can be allocated without fail.
    public var count: Int { sheaf.size }

    /// Allocates one of the objects; nil if all are taken.
    public mutating func allocate() -> UnsafeMutableRawPointer? {
        sheaf.pop().map { cache.stock.prepared($0) }
    }

    /// Sees to it that at least `count` objects can be allocated; throws, with those that there were, if memory lacks.
    ///
    /// Kernel counterpart: `kmem_cache_refill_sheaf`.
    public mutating func refill(_ count: Int) throws(OutOfMemory) {
        guard count > sheaf.size else { return }
        if count <= sheaf.capacity { return try cache.fill(sheaf, to: count, node) }
        let larger = try cache.largerSheaf(count)
        while let object = sheaf.pop() { larger.push(object) }
        cache.takeBack(sheaf, node)
        sheaf = larger
        try cache.fill(sheaf, to: count, node)
    }
}

extension ObjectCache {
    /// Sets `count` objects aside, to be allocated without fail.
    ///
    /// A full sheaf of this CPU or of the barn where there is one, else a visit to the slabs. Kernel counterpart:
    /// `kmem_cache_prefill_sheaf`.
    public func prefill(_ count: Int) throws(OutOfMemory) -> PrefilledSheaf {
        precondition(count >= 0, "'\(name)': a number of objects is not negative")
        let (spare, node) = sheaves.withLocal { sheaves, _ -> (Sheaf?, Int) in
            let node = sheaves.node
            guard count <= sheafCapacity, let spare = sheaves.spare else { return (nil, node) }
            sheaves.spare = nil
            return (spare, node)
        }
        let sheaf = if let spare { noted(spare, count) } else { try sheafToPrefill(count, node) }
        do throws(OutOfMemory) {
            try fill(sheaf, to: count, node)
        } catch {
            takeBack(sheaf, node)
            throw error
        }
        return PrefilledSheaf(self, sheaf, node)
    }

    private func sheafToPrefill(_ count: Int, _ node: Int) throws(OutOfMemory) -> Sheaf {
        if count > sheafCapacity {
            stock.statistics.note(.sheafPrefillOversize)
            return try largerSheaf(count)
        }
        if sheafCapacity == 0 { return .bootstrap }
        let stall = stock.stall(node)
        let found = stall.takeFull() ?? stall.takeEmpty() ?? stock.makeSheaf()
        guard let found else { throw OutOfMemory(cache: name) }
        return noted(found, count)
    }

    private func noted(_ sheaf: Sheaf, _ count: Int) -> Sheaf {
        stock.statistics.note(sheaf.size >= count ? .sheafPrefillFast : .sheafPrefillSlow)
        return sheaf
    }

    /// An empty sheaf larger than the cache's own; the barn does not take such.
    fileprivate func largerSheaf(_ count: Int) throws(OutOfMemory) -> Sheaf {
        guard let sheaf = Sheaf.make(capacity: count, from: stock.memory) else {
            throw OutOfMemory(cache: name)
        }
        stock.statistics.note(.sheafAlloc)
        return sheaf
    }

    /// Takes objects from the slabs until the sheaf has `count`; what it got stays in it if memory lacks.
    fileprivate func fill(_ sheaf: Sheaf, to count: Int, _ node: Int) throws(OutOfMemory) {
        guard sheaf.size < count else { return }
        let missing = count - sheaf.size
        sheaf.size += nodes[node].slabs.take(missing, for: stock.identity, into: sheaf.objects + sheaf.size)
        if sheaf.size < count { throw OutOfMemory(cache: name) }
    }

    /// A sheaf that its user is done with becomes this CPU's spare, or a full one of the barn, or is flushed.
    ///
    /// Kernel counterpart: `kmem_cache_return_sheaf`.
    fileprivate func takeBack(_ sheaf: Sheaf, _ node: Int) {
        let isOrdinary = sheaf.capacity == sheafCapacity && !sheaf.isBootstrap
        let isSpare =
            isOrdinary
            && sheaves.withLocal { value, cpu in
                guard value.spare == nil, value.node == node, !value.isBypassed else { return false }
                sheaves.markDirty(cpu, [.some, .active])
                value.spare = sheaf
                return true
            }
        if isSpare { return stock.statistics.note(.sheafReturnFast) }
        stock.statistics.note(.sheafReturnSlow)
        stock.putAway(sheaf, node)
    }
}
