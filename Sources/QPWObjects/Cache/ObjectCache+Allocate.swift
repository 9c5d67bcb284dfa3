import CQPW
public import QPW

extension ObjectCache {
    /// Allocates one object: `objectSize` bytes, uninitialised.
    ///
    /// A restartable pop from this CPU's sheaf, some 3 cycles; every sixty or so a visit to the barn or the slabs, which may
    /// wait. Throws only when the system has no memory. Not for signal handlers: see ``tryAllocate()``. Kernel counterpart:
    /// `kmem_cache_alloc`.
    @inlinable @inline(__always)
    public func allocate() throws(OutOfMemory) -> UnsafeMutableRawPointer {
        if let object = sheaves.popAtOnce() { return object }
        return try allocateSlow()
    }

    /// Allocates one object from this CPU's sheaves; nil if they are empty or held.
    ///
    /// Waits for nobody; async-signal-safe in release builds. Kernel counterpart: `kmalloc_nolock`.
    @inlinable
    public func tryAllocate() -> UnsafeMutableRawPointer? {
        if let object = sheaves.popAtOnce() { return object }
        return tryAllocateSlow()
    }

    /// Allocates as many objects as `objects` has room for, or none.
    ///
    /// Kernel counterpart: `kmem_cache_alloc_bulk`.
    public func allocate(into objects: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>)
        throws(OutOfMemory)
    {
        for index in objects.indices {
            do throws(OutOfMemory) {
                objects[index] = try allocate()
            } catch {
                for earlier in objects[..<index] { deallocate(earlier) }
                throw error
            }
        }
    }

    @usableFromInline @inline(never)
    func allocateSlow() throws(OutOfMemory) -> UnsafeMutableRawPointer {
        if let object = sheaves.stackAccess.popFromClaimed() { return object }
        return stock.prepared(try allocateByExchange())
    }

    @usableFromInline @inline(never)
    func tryAllocateSlow() -> UnsafeMutableRawPointer? {
        let object = sheaves.tryWithLocal { sheaves, _ -> Object? in
            if let object = sheaves.pop() { return object }
            guard let spare = sheaves.spare, !spare.isEmpty else { return nil }
            sheaves.swapSpare()
            return sheaves.pop()
        }
        guard case .some(.some(let object)) = object else { return nil }
        // A cache with flags has no sheaves: there is nothing to check here.
        qpw_sanitizer_unpoison(object.address, objectSize)
        return object.address
    }
}

// MARK: - The sheaves ran out

extension ObjectCache {
    private enum Step {
        case object(Object)
        case bypass(node: Int)
        /// Neither spare nor barn had a full sheaf: fill this one, or a new one, outside the lock.
        case refill(Sheaf?, node: Int)
    }

    private func allocateByExchange() throws(OutOfMemory) -> UnsafeMutableRawPointer {
        switch sheaves.withLocal({ sheaves, _ in takeFromSheaves(&sheaves) }) {
        case .object(let object): object.address
        case .bypass(let node): try allocateFromSlabs(node)
        case .refill(let empty, let node): try refill(empty, node)
        }
    }

    /// Kernel counterpart: `alloc_from_pcs` and the locked part of `__pcs_replace_empty_main`.
    private func takeFromSheaves(_ sheaves: inout CPUSheaves) -> Step {
        if sheaves.isBypassed { return .bypass(node: sheaves.node) }
        if let object = sheaves.pop() { return .object(object) }
        if let spare = sheaves.spare, !spare.isEmpty {
            sheaves.swapSpare()
            stock.statistics.note(.sheafSwap)
        } else if !sheaves.main.isBootstrap, let full = stall(of: sheaves).replaceEmpty(sheaves.main) {
            sheaves.main = full
            stock.statistics.note(.barnGet)
        } else {
            stock.statistics.note(.barnGetFail)
            let empty = sheaves.spare ?? stall(of: sheaves).takeEmpty()
            sheaves.spare = nil
            return .refill(empty, node: sheaves.node)
        }
        // A sheaf in the barn is full, and a spare that is not empty is not.
        return .object(sheaves.pop()!)
    }

    /// Where this CPU's full sheaves come from, and empty ones.
    @inline(__always)
    func stall(of sheaves: borrowing CPUSheaves) -> Stall { nodes[sheaves.node].barn[sheaves.stall] }

    /// Fills a sheaf with no lock held, and installs it on the CPU on which the thread then runs.
    private func refill(_ empty: Sheaf?, _ node: Int) throws(OutOfMemory) -> UnsafeMutableRawPointer {
        guard var sheaf = empty ?? stock.makeSheaf() else { return try allocateFromSlabs(node) }
        sheaf.size = nodes[node].withSlabs {
            $0.take(sheaf.capacity, for: stock.identity, into: sheaf.objects)
        }
        if sheaf.isEmpty {
            stock.keepOrDestroy(sheaf, node)
            // Another CPU's stall may still have what the system has not.
            guard let full = nodes[node].barn.takeFullFromAny() else { throw OutOfMemory(cache: name) }
            sheaf = full
        }
        guard let object = sheaf.pop() else { throw OutOfMemory(cache: name) }
        stock.statistics.note(.sheafRefill)
        inject(.refilled)
        let surplus = sheaves.withLocal { value, cpu in
            sheaves.markDirty(cpu, [.some, .active])
            return install(sheaf, filledFor: node, in: &value)
        }
        if let surplus { stock.putAway(surplus, node) }
        return object
    }

    /// Where a filled sheaf goes; returns the one for which there was no place.
    ///
    /// Kernel counterpart: the end of `__pcs_replace_empty_main`.
    private func install(_ sheaf: Sheaf, filledFor node: Int, in sheaves: inout CPUSheaves) -> Sheaf? {
        // The thread may have been moved to a CPU of another node, or to one that keeps none.
        guard sheaves.node == node, !sheaves.isBypassed else { return sheaf }
        if sheaves.main.isEmpty {
            let old = sheaves.main
            sheaves.main = sheaf
            if sheaves.spare != nil { return old }
            sheaves.spare = old.isBootstrap ? nil : old
            return nil
        }
        guard let spare = sheaves.spare else {
            sheaves.spare = sheaf
            return nil
        }
        guard spare.isEmpty else { return sheaf }
        sheaves.spare = sheaf
        return spare
    }

    private func allocateFromSlabs(_ node: Int) throws(OutOfMemory) -> UnsafeMutableRawPointer {
        stock.statistics.note(.allocSlowpath)
        return try withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: 1) {
            room throws(OutOfMemory) -> UnsafeMutableRawPointer in
            let taken = nodes[node].withSlabs { $0.take(1, for: stock.identity, into: room.baseAddress!) }
            guard taken == 1 else {
                throw OutOfMemory(cache: name)
            }
            return room[0]
        }
    }
}
