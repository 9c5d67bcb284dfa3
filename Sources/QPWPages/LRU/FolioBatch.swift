// bank: link, 64 bytes | its address: for each batch 264 bytes: count, push limit, 31 entries
//
// field   | who writes                                | under
// --------|-------------------------------------------|------------------------------------------------------------------
// batches | the holder of the slot, in the bank in use| the slot
//         | who pushes, the count and an entry of the | a restartable section, or the slot
//         |  first of them, below its push limit      |
//         | the drainer, in the other                 | the drain's turn
// link    | who has detached the bank                 | the push on the list of detached banks
//
// From the address of a bank on it is the layout that `RestartableStack` asks for: its first batch is the stack.

/// Up to 31 folios that wait for the same to be done with them. Kernel counterpart: `struct folio_batch`
/// (include/linux/folio_batch.h).
struct FolioBatch {
    static let capacity = 31
    static let size = 16 + capacity * 8

    let address: UnsafeMutableRawPointer

    var count: Int {
        get { address.load(as: Int.self) }
        nonmutating set { address.storeBytes(of: newValue, as: Int.self) }
    }

    /// How many there may be after a push.
    private var pushLimit: Int {
        get { (address + 8).load(as: Int.self) }
        nonmutating set { (address + 8).storeBytes(of: newValue, as: Int.self) }
    }

    /// With the slot held, when it is not empty: lets pushes follow, but for the one that would fill it.
    func admitPushes() { pushLimit = Self.capacity - 1 }

    /// What comes next is not pushed.
    func clear() {
        count = 0
        pushLimit = 0
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == Self.capacity }

    /// Folios' addresses; their low four bits are free for a tag.
    private var entries: UnsafeMutablePointer<UInt> {
        (address + 16).assumingMemoryBound(to: UInt.self)
    }

    subscript(index: Int) -> UInt {
        get { entries[index] }
        nonmutating set { entries[index] = newValue }
    }

    /// With room for it.
    func append(_ entry: UInt) {
        let count = count
        entries[count] = entry
        self.count = count &+ 1
    }

    /// Looks for an entry, the latest first: what is looked for was most likely just added.
    func containsSearchingBackwards(_ entry: UInt) -> Bool {
        var index = count - 1
        while index >= 0 {
            if entries[index] == entry { return true }
            index -= 1
        }
        return false
    }
}

/// The batches of one CPU that are drained together. By the address of the first.
struct Bank: @unchecked Sendable {
    private static let headerSize = 64

    let address: UnsafeMutableRawPointer

    /// In so many bytes of zeroed memory.
    init(in memory: UnsafeMutableRawPointer) {
        address = memory + Self.headerSize
    }

    init(address: UnsafeMutableRawPointer) {
        self.address = address
    }

    /// Whole lines: a drainer works on one bank while its owner uses the other.
    static func size(batches: Int) -> Int { (headerSize + batches * FolioBatch.size + 63) & ~63 }

    func batch(_ index: Int) -> FolioBatch { FolioBatch(address: address + index &* FolioBatch.size) }

    func isEmpty(batches: Int) -> Bool {
        (0..<batches).allSatisfy { batch($0).isEmpty }
    }

    private var header: UnsafeMutableRawPointer { address - Self.headerSize }

    /// The next on a list of detached banks.
    var link: Bank? {
        get { header.load(as: UnsafeMutableRawPointer?.self).map { Bank(address: $0) } }
        nonmutating set { header.storeBytes(of: newValue?.address, as: UnsafeMutableRawPointer?.self) }
    }
}
