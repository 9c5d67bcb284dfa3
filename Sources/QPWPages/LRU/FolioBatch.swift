// bank: 64 bytes: link | for each batch 256 bytes: count, 31 entries
//
// field   | who writes                                | under
// --------|-------------------------------------------|------------------------------------------------------------------
// batches | the holder of the slot, in the bank in use| the slot
//         | the drainer, in the other                 | the drain's turn
// link    | who has detached the bank                 | the push on the list of detached banks

/// Up to 31 folios that wait for the same to be done with them. Kernel counterpart: `struct folio_batch`
/// (include/linux/folio_batch.h).
struct FolioBatch {
    static let capacity = 31
    static let size = 256

    let address: UnsafeMutableRawPointer

    var count: Int {
        get { address.load(as: Int.self) }
        nonmutating set { address.storeBytes(of: newValue, as: Int.self) }
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == Self.capacity }

    /// Folios' addresses; their low four bits are free for a tag.
    private var entries: UnsafeMutablePointer<UInt> {
        (address + 8).assumingMemoryBound(to: UInt.self)
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

/// The batches of one CPU that are drained together. By address.
struct Bank: @unchecked Sendable {
    static let headerSize = 64

    let address: UnsafeMutableRawPointer

    func batch(_ index: Int) -> FolioBatch {
        FolioBatch(address: address + Self.headerSize + index &* FolioBatch.size)
    }

    func isEmpty(batches: Int) -> Bool {
        (0..<batches).allSatisfy { batch($0).isEmpty }
    }

    /// The next on a list of detached banks.
    var link: Bank? {
        get { address.load(as: UnsafeMutableRawPointer?.self).map { Bank(address: $0) } }
        nonmutating set { address.storeBytes(of: newValue?.address, as: UnsafeMutableRawPointer?.self) }
    }
}
