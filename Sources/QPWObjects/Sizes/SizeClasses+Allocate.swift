public import QPW

extension SizeClasses {
    /// Allocates at least `byteCount` bytes, 0 or more, whose address is a multiple of `alignment`, a power of two up to 4096.
    ///
    /// Up to 8192 bytes as ``ObjectCache/allocate()``, some 4 cycles; else a system call. Throws only when the system has no
    /// memory. Not for signal handlers. Kernel counterpart: `kmalloc`.
    @inlinable @inline(__always)
    public func allocate(byteCount: Int, alignment: Int = 8) throws(OutOfMemory) -> UnsafeMutableRawPointer {
        let bytes = checked(byteCount, alignment)
        if _fastPath(bytes <= SizeTable.largest),
            let object = classes[table[bytes]].sheaves.popAtOnce()
        {
            return object
        }
        return try allocateSlow(bytes)
    }

    /// As ``allocate(byteCount:alignment:)`` from this CPU's sheaves; nil if they are empty or held, or the size is mapped.
    ///
    /// Waits for nobody; async-signal-safe in release builds. Kernel counterpart: `kmalloc_nolock`.
    public func tryAllocate(byteCount: Int, alignment: Int = 8) -> UnsafeMutableRawPointer? {
        let bytes = checked(byteCount, alignment)
        guard bytes <= SizeTable.largest else { return nil }
        return classes[table[bytes]].cache._withUnsafeGuaranteedRef { $0.tryAllocate() }
    }

    @usableFromInline @inline(never)
    func allocateSlow(_ byteCount: Int) throws(OutOfMemory) -> UnsafeMutableRawPointer {
        if byteCount <= SizeTable.largest {
            return try classes[table[byteCount]].cache.takeUnretainedValue().allocateSlow()
        }
        guard let block = large.allocate(byteCount) else { throw OutOfMemory(cache: name) }
        return block
    }

    /// Moves what is at `memory` to where there are at least `byteCount` bytes, or leaves it if it has them.
    ///
    /// As many bytes are copied as both have. If memory lacks it throws, and `memory` is still the caller's, as it was.
    /// Kernel counterpart: `krealloc`.
    public func reallocate(
        _ memory: UnsafeMutableRawPointer, byteCount: Int, alignment: Int = 8
    ) throws(OutOfMemory) -> UnsafeMutableRawPointer {
        let former = usableSize(of: memory)
        if byteCount <= former && Int(bitPattern: memory) & (alignment - 1) == 0 { return memory }
        let new = try allocate(byteCount: byteCount, alignment: alignment)
        new.copyMemory(from: memory, byteCount: min(former, byteCount))
        deallocate(memory)
        return new
    }

    /// As many bytes as may be used at `memory`: at least those that were asked for.
    ///
    /// Kernel counterpart: `ksize`.
    public func usableSize(of memory: UnsafeMutableRawPointer) -> Int {
        if let index = classIndex(of: memory) { return SizeTable.sizes[index] }
        guard let size = large.size(of: memory) else { complain(memory) }
        return size
    }
}
