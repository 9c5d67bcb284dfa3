import CQPW
public import QPW

extension ObjectCache {
    /// Frees an object of this cache. It must not be used again.
    ///
    /// A restartable push on this CPU's sheaf, some 3 cycles; every sixty or so a visit to the barn or the slabs, which may
    /// wait. Not for signal handlers: see ``tryDeallocate(_:)``. Kernel counterpart: `kmem_cache_free`.
    @inlinable @inline(__always)
    public func deallocate(_ object: UnsafeMutableRawPointer) {
        if hasOneNode && sheaves.pushAtOnce(object) { return }
        deallocateSlow(object)
    }

    /// Frees an object into this CPU's sheaves; false, and the object is still the caller's, if they are full or held.
    ///
    /// Waits for nobody; async-signal-safe in release builds. Kernel counterpart: `kfree_nolock`.
    @inlinable
    public func tryDeallocate(_ object: UnsafeMutableRawPointer) -> Bool {
        if hasOneNode && sheaves.pushAtOnce(object) { return true }
        return tryDeallocateSlow(object)
    }

    /// Frees objects of this cache. Kernel counterpart: `kmem_cache_free_bulk`.
    public func deallocate(_ objects: UnsafeBufferPointer<UnsafeMutableRawPointer>) {
        for object in objects { deallocate(object) }
    }

    @usableFromInline @inline(never)
    func deallocateSlow(_ object: UnsafeMutableRawPointer) {
        if hasOneNode && sheaves.stackAccess.pushToClaimed(object) { return }
        stock.retire(object)
        let object = Object(address: object)
        let node = stock.node(of: object.address)
        deallocateByExchange(object, of: node)
    }

    @usableFromInline @inline(never)
    func tryDeallocateSlow(_ object: UnsafeMutableRawPointer) -> Bool {
        let object = Object(address: object)
        let node = stock.node(of: object.address)
        let isTaken = sheaves.tryWithLocal { sheaves, _ -> Bool in
            if let spare = sheaves.spare, sheaves.main.isFull, !spare.isFull { sheaves.swapSpare() }
            guard sheaves.hasRoom(forObjectOf: node) else { return false }
            // A cache with flags has no sheaves: there is nothing to check here.
            qpw_sanitizer_poison(object.address, objectSize)
            return sheaves.push(object, of: node)
        }
        return isTaken ?? false
    }
}

// MARK: - The sheaves are full

extension ObjectCache {
    private enum FreeStep {
        case taken
        /// And here is the sheaf for which there was no place: the spare, or the one that the caller had brought.
        case takenLeaving(Sheaf)
        case bypass
        /// Come back with an empty sheaf: this one, once flushed, or a new one.
        case needsEmpty(Sheaf?)
    }

    private func deallocateByExchange(_ object: Object, of node: Int) {
        var brought: Sheaf?
        while true {
            let step = sheaves.withLocal { value, cpu in
                if value.push(object, of: node) { return brought.map { .takenLeaving($0) } ?? FreeStep.taken }
                if !value.isBypassed { sheaves.markDirty(cpu, [.some, .active]) }
                return takeIn(object, of: node, &value, empty: brought)
            }
            switch step {
            case .taken: return
            case .takenLeaving(let surplus): return stock.putAway(surplus, node)
            case .bypass:
                if let brought { stock.keepOrDestroy(brought, node) }
                return stock.putIntoSlabs(object)
            case .needsEmpty(let spare):
                // The spare was detached under the lock; what it holds goes back outside of it, and then it is the empty
                // sheaf that was wanted.
                inject(.ousted)
                if let spare { stock.flush(spare) }
                guard let empty = spare ?? stock.makeSheaf() else { return stock.putIntoSlabs(object) }
                brought = empty
            }
        }
    }

    /// Kernel counterpart: `free_to_pcs` and `__pcs_replace_full_main`.
    private func takeIn(
        _ object: Object, of node: Int, _ sheaves: inout CPUSheaves, empty: Sheaf?
    ) -> FreeStep {
        if sheaves.isBypassed { return .bypass }
        if sheaves.node != node {
            stock.statistics.note(.freeRemote)
            return .bypass
        }
        var left = empty
        if sheaves.main.isFull, !makeRoom(&sheaves, &left) {
            // The barn is sated, or nobody has an empty sheaf.
            let spare = nodes[node].barn.origin(of: sheaves.main).isSated ? sheaves.spare : nil
            if spare != nil { sheaves.spare = nil }
            return .needsEmpty(spare)
        }
        _ = sheaves.push(object, of: node)
        return left.map { .takenLeaving($0) } ?? .taken
    }

    /// Finds `main` a sheaf with room; `left` is one that may be used for it, and then one that is left over.
    private func makeRoom(_ sheaves: inout CPUSheaves, _ left: inout Sheaf?) -> Bool {
        if sheaves.main.isBootstrap {
            guard let sheaf = left ?? stall(of: sheaves).takeEmpty() else { return false }
            sheaves.main = sheaf
            left = nil
            return true
        }
        if let spare = sheaves.spare, !spare.isFull {
            sheaves.swapSpare()
            stock.statistics.note(.sheafSwap)
            return true
        }
        if sheaves.spare == nil, let empty = left ?? stall(of: sheaves).takeEmpty() {
            sheaves.spare = sheaves.main
            sheaves.main = empty
            left = nil
            return true
        }
        if let empty = nodes[sheaves.node].barn.origin(of: sheaves.main).replaceFull(sheaves.main) {
            stock.statistics.note(.barnPut)
            sheaves.main = empty
            return true
        }
        guard let empty = left else {
            stock.statistics.note(.barnPutFail)
            return false
        }
        left = sheaves.spare
        sheaves.spare = sheaves.main
        sheaves.main = empty
        return true
    }
}
