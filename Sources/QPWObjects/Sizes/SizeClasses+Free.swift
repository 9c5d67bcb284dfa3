public import QPW

extension SizeClasses {
    /// Frees memory that was allocated here; its size is found by its address.
    ///
    /// As `ObjectCache.deallocate(_:)`, after a look at the slab's header: some 10 cycles if that is cached. Traps for an
    /// address that is not of these classes; if it is another cache's, then at the latest when its sheaf is flushed. Not
    /// for signal handlers. Kernel counterpart: `kfree`.
    public func deallocate(_ memory: UnsafeMutableRawPointer) {
        guard let index = classIndex(of: memory) else { return deallocateLarge(memory) }
        free(memory, index)
    }

    @inline(never)
    private func deallocateLarge(_ memory: UnsafeMutableRawPointer) {
        if !large.deallocate(memory) { complain(memory) }
    }

    /// As ``deallocate(_:)``, for who knows what he asked for: both must be as they were then.
    ///
    /// Nothing is read of the memory or near it; some 4 cycles. Kernel counterpart: `kfree_sized`.
    @inlinable @inline(__always)
    public func deallocate(_ memory: UnsafeMutableRawPointer, byteCount: Int, alignment: Int = 8) {
        let bytes = checked(byteCount, alignment)
        if _fastPath(bytes <= SizeTable.largest) {
            free(memory, table[bytes])
        } else {
            deallocate(memory)
        }
    }

    /// Frees memory into this CPU's sheaves; false, and it is still the caller's, if they are full or held, or it was mapped.
    ///
    /// Waits for nobody; async-signal-safe in release builds. Kernel counterpart: `kfree_nolock`.
    public func tryDeallocate(_ memory: UnsafeMutableRawPointer) -> Bool {
        guard let index = classIndex(of: memory) else { return false }
        return classes[index].cache._withUnsafeGuaranteedRef { $0.tryDeallocate(memory) }
    }

    /// Frees memory once every read section of the RCU domain that began before the call has ended.
    ///
    /// As ``ObjectCache/deallocate(afterGracePeriod:)``. Kernel counterpart: `kfree_rcu`.
    @available(*, noasync)
    public func deallocate(afterGracePeriod memory: UnsafeMutableRawPointer) {
        if let index = classIndex(of: memory) { return caches[index].deallocate(afterGracePeriod: memory) }
        let block = Object(address: memory)
        rcu.call { [name, large] in
            if !large.deallocate(block.address) { Self.complain(name, block.address) }
        }
    }

    @inlinable @inline(__always)
    func free(_ memory: UnsafeMutableRawPointer, _ index: Int) {
        if let sheaves = classes[index].sheavesToFreeTo, sheaves.pushAtOnce(memory) { return }
        freeSlow(memory, index)
    }

    @usableFromInline @inline(never)
    func freeSlow(_ memory: UnsafeMutableRawPointer, _ index: Int) {
        classes[index].cache._withUnsafeGuaranteedRef { $0.deallocateSlow(memory) }
    }

    /// Nil if the address is in no slab.
    @inline(__always)
    func classIndex(of memory: UnsafeMutableRawPointer) -> Int? {
        guard chunks.contains(memory) else { return nil }
        let index = Slab.containing(memory).tag
        guard index < SizeTable.sizes.count else { complain(memory) }
        return index
    }

    @inline(never)
    func complain(_ memory: UnsafeMutableRawPointer) -> Never { Self.complain(name, memory) }

    private static func complain(_ name: String, _ memory: UnsafeMutableRawPointer) -> Never {
        trap("'\(name)': \(memory) is not memory that it gave out, or is free already")
    }
}
