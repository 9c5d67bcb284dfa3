public import Synchronization

// A line of 64 bytes: seven slots and a link to a further line. Behind the lines lie those of the ghosts: see Ghosts.swift.
//
// field | who writes         | under             | memory order
// ------|--------------------|-------------------|---------------------------------------------------------------------
// slot  | inserts, removals  | the stripe's lock | store release; readers load acquire
// link  | inserts: once      | the stripe's lock | store release; readers load acquire
//
// A slot is 0 or tag << 48 | address of a folio, whose key and value do not change any more. Bit 48 is always set in a used
// one. A key is in one slot of the line that its hash names, or of those linked behind it: readers look into all of them, so
// an entry that is taken out leaves no trace, and a slot can be used again at once. What a reader found is not freed before
// its section ends.
//
// A reader sees every key that is in the table throughout. Slots are changed singly and entries are never moved: one is
// replaced by the store of another with the same key. When the table grows its entries are copied with all stripes locked,
// so nothing is added to the old one after the copy; who still reads that sees the moment of the copy.
//
// Keys that collide, whatever their type's `hash(into:)` does, fill a line and those behind it: ``longestChain`` lines at
// most. Then an insertion evicts another entry of the chain. So no look-up takes more than `7 * longestChain` comparisons, and one
// for each entry there that is pinned.

/// A hash table of folios that is read without locks: the address of its lines, and with it how many there are.
@frozen
@usableFromInline
struct CacheTable: @unchecked Sendable {
    /// The lines' address, a multiple of 64 | how far a hash is shifted to the right to number its line.
    @usableFromInline let word: UInt

    @usableFromInline static var slotsPerLine: Int { 7 }
    static let lineSize = 64
    static let longestChain = 4
    /// Beyond so many entries a line, on the average, the table grows.
    static let mostPerLine = 4

    @inlinable
    init(word: UInt) {
        self.word = word
    }

    /// The first line of a hash.
    @inlinable @inline(__always)
    func line(of hash: UInt64) -> CacheLine {
        let index = UInt(truncatingIfNeeded: hash &>> UInt64(truncatingIfNeeded: word))
        return CacheLine(
            at: UnsafeMutableRawPointer(bitPattern: (word & ~63) &+ index &* 64).unsafelyUnwrapped)
    }

    var shift: UInt64 { UInt64(word & 63) }
    var lineCount: Int { 1 << (64 - Int(shift)) }
    var base: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: word & ~63)! }
    /// How many entries it holds before it should grow.
    var limit: Int { lineCount * Self.mostPerLine }

    private static func bytes(lines: Int) -> Int { lines * (lineSize + Ghosts.bytesPerTableLine) }

    /// An empty table with room for so many entries; the hash's highest `stripeBits` bits never share a line.
    static func allocate(for entries: Int, stripeBits: Int, name: String) -> CacheTable {
        var bits = stripeBits + Ghosts.fewestTableLineBits
        while (1 << bits) * mostPerLine < entries { bits += 1 }
        let size = bytes(lines: 1 << bits)
        return CacheTable(word: UInt(bitPattern: LargePages.map(size, for: name)) | UInt(64 - bits))
    }

    /// Frees the lines, not what they name; nobody reads them any more.
    func deallocate() {
        for index in 0..<lineCount { line(at: index).deallocateLinked() }
        LargePages.unmap(base, Self.bytes(lines: lineCount))
    }

    func line(at index: Int) -> CacheLine { CacheLine(at: base + index * Self.lineSize) }

    var ghosts: Ghosts {
        Ghosts(at: base + lineCount * Self.lineSize, shift: shift + Ghosts.tableLineBitsPerLine)
    }
}

/// What is kept of a hash beside an address.
@inlinable @inline(__always)
func cacheTag(of hash: UInt64) -> UInt { UInt(truncatingIfNeeded: hash << 40) & ~((1 << 48) - 1) | 1 << 48 }

/// Where readers find the table: on a line that nothing else is written to.
@frozen
@usableFromInline
struct TableWord: @unchecked Sendable {
    @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt>>

    init(_ table: CacheTable) {
        word = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
            .bindMemory(to: Atomic<UInt>.self, capacity: 1)
        word.initialize(to: Atomic(table.word))
    }

    func deallocate() { word.deallocate() }

    @inlinable
    var current: CacheTable {
        @inline(__always) get { CacheTable(word: word.pointee.load(ordering: .acquiring)) }
        nonmutating set { word.pointee.store(newValue.word, ordering: .releasing) }
    }
}
