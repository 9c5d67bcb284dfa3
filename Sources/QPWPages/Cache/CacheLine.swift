public import Synchronization

/// One line of a table, by its address.
@frozen
@usableFromInline
struct CacheLine: @unchecked Sendable {
    @usableFromInline let address: UnsafeMutableRawPointer

    @inlinable
    init(at address: UnsafeMutableRawPointer) {
        self.address = address
    }

    @inlinable @inline(__always)
    func slot(_ index: Int) -> CacheSlot {
        CacheSlot(at: (address + index &* 8).assumingMemoryBound(to: Atomic<UInt>.self))
    }

    /// Where a hash is looked for first: its lowest bits, which its tag does not contain.
    @inlinable @inline(__always)
    func home(of hash: UInt64) -> CacheSlot {
        slot(Int(truncatingIfNeeded: ((hash & 0xFF) &* 7) &>> 8))
    }

    /// The line that continues this one.
    @inlinable
    var next: CacheLine? {
        UnsafeMutableRawPointer(bitPattern: slot(CacheTable.slotsPerLine).word).map { CacheLine(at: $0) }
    }

    var lastOfChain: CacheLine {
        var line = self
        while let next = line.next { line = next }
        return line
    }

    /// Links an empty line behind this one.
    func extend() -> CacheLine {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: CacheTable.lineSize, alignment: CacheTable.lineSize)
        memory.initializeMemory(as: UInt.self, repeating: 0, count: CacheTable.lineSize / 8)
        slot(CacheTable.slotsPerLine).word = UInt(bitPattern: memory)
        return CacheLine(at: memory)
    }

    func deallocateLinked() {
        var line = next
        while let linked = line {
            line = linked.next
            linked.address.deallocate()
        }
    }

    /// Each slot of this line and of those behind it, until `body` says that it is enough.
    @inlinable @inline(__always)
    func forEachSlot(_ body: (CacheSlot) -> Bool) {
        var line: CacheLine? = self
        while let current = line {
            for index in 0..<CacheTable.slotsPerLine where !body(current.slot(index)) { return }
            line = current.next
        }
    }
}

/// A place for one entry, by its address.
@frozen
@usableFromInline
struct CacheSlot: @unchecked Sendable {
    @usableFromInline let address: UnsafeMutablePointer<Atomic<UInt>>

    @inlinable
    init(at address: UnsafeMutablePointer<Atomic<UInt>>) {
        self.address = address
    }

    @inlinable
    var word: UInt {
        @inline(__always) get { address.pointee.load(ordering: .acquiring) }
        @inline(__always) nonmutating set { address.pointee.store(newValue, ordering: .releasing) }
    }

    /// The folio that a word names, if the word bears `tag`.
    @inlinable @inline(__always)
    static func folio(in word: UInt, tagged tag: UInt) -> Folio? {
        (word ^ tag) >> 48 == 0 ? folio(in: word) : nil
    }

    /// The folio that a word names; nil for an empty slot.
    @inlinable @inline(__always)
    static func folio(in word: UInt) -> Folio? {
        UnsafeMutableRawPointer(bitPattern: word & ((1 << 48) - 1)).map { Folio(at: $0) }
    }

    /// What a slot holds for a folio whose ``Folio/word`` is its hash.
    static func word(for folio: Folio) -> UInt {
        let address = UInt(bitPattern: folio.address)
        precondition(address >> 48 == 0, "QPW: an address has more than 48 bits")
        return cacheTag(of: UInt64(folio.word)) | address
    }
}
