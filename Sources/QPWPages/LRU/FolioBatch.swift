public import Synchronization

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
// Counts are also read from outside, by who looks whether there is something to drain: each is stored at once, and zero
// after what was in the batch is on the lists.
//
// From the address of a bank on it is the layout that `RestartableStack` asks for: its first batch is the stack.

/// Up to 31 folios that wait for the same to be done with them. Kernel counterpart: `struct folio_batch`
/// (include/linux/folio_batch.h).
@usableFromInline
struct FolioBatch {
    @inlinable static var capacity: Int { 31 }
    static var size: Int { 16 + capacity * 8 }

    @usableFromInline let address: UnsafeMutableRawPointer

    @inlinable
    var count: Int {
        get { counter.pointee.load(ordering: .relaxed) }
        nonmutating set { counter.pointee.store(newValue, ordering: .relaxed) }
    }

    @inlinable
    var counter: UnsafeMutablePointer<Atomic<Int>> { address.assumingMemoryBound(to: Atomic<Int>.self) }

    /// How many there may be after a push.
    private var pushLimit: Int {
        get { (address + 8).load(as: Int.self) }
        nonmutating set { (address + 8).storeBytes(of: newValue, as: Int.self) }
    }

    /// With the slot held, when its CPU is marked or about to be: lets pushes follow, but for the one that would fill it.
    func admitPushes() { pushLimit = Self.capacity - 1 }

    var admitsPushes: Bool { pushLimit != 0 }

    /// What comes next is not pushed.
    func refusePushes() {
        if admitsPushes { pushLimit = 0 }
    }

    /// Only the first so many are left, and what comes next is not pushed.
    func truncate(to count: Int) {
        counter.pointee.store(count, ordering: .releasing)
        pushLimit = 0
    }

    /// Also without its slot: what a batch held that is found empty is on the lists.
    var isEmpty: Bool { counter.pointee.load(ordering: .acquiring) == 0 }
    var isFull: Bool { count == Self.capacity }

    /// Folios' addresses; their low four bits are free for a tag.
    @inlinable
    var entries: UnsafeMutablePointer<UInt> {
        (address + 16).assumingMemoryBound(to: UInt.self)
    }

    subscript(index: Int) -> UInt {
        get { entries[index] }
        nonmutating set { entries[index] = newValue }
    }

    /// With room for it. How many there are now.
    @inlinable @discardableResult
    func append(_ entry: UInt) -> Int {
        let count = count
        entries[count] = entry
        self.count = count &+ 1
        return count &+ 1
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

    /// The two of a CPU, in its piece of memory.
    static func pair(in memory: UnsafeMutableRawPointer, batches: Int) -> (Bank, Bank) {
        (Bank(in: memory), Bank(in: memory + size(batches: batches)))
    }

    func batch(_ index: Int) -> FolioBatch { FolioBatch(address: address + index &* FolioBatch.size) }

    /// Also without its slot.
    func isEmpty(batches: Int) -> Bool {
        (0..<batches).allSatisfy { batch($0).isEmpty }
    }

    /// Whether additions may be pushed into its first batch.
    var admitsPushes: Bool { batch(0).admitsPushes }

    private var header: UnsafeMutableRawPointer { address - Self.headerSize }

    /// The next on a list of detached banks.
    var link: Bank? {
        get { header.load(as: UnsafeMutableRawPointer?.self).map { Bank(address: $0) } }
        nonmutating set { header.storeBytes(of: newValue?.address, as: UnsafeMutableRawPointer?.self) }
    }
}
