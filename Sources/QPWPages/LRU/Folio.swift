public import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// A folio's header: 48 bytes, the client's payload behind it.
//
// field      | offset | written by                                     | under                 | memory order
// -----------|--------|------------------------------------------------|-----------------------|-----------------------
// previous   |  0     | whoever links or unlinks                       | its node's list lock  | none
// next       |  8     | the same; once it is unlinked, who unlinked it | list lock; then alone | none
// references | 16     | anybody who has one                            | RMW                   | relaxed up, acq-rel down
// pins       | 20     | who pins, unpins, or begins to evict           | RMW                   | acquire-release
// state      | 24     | whoever moves it; before it is on a list, the  | list lock; the slot   | relaxed: a hint to others
//            |        | holder of the slot whose batch it is in        |                       |
// referenced | 25     | anybody                                        | nothing               | relaxed: a lost one is a hint lost
// removed    | 26     | who removes it                                 | list lock             | relaxed
// node       | 28     | once                                           | before use            | none
// weight     | 32     | the client, before it is added                 | before use            | none
// word       | 40     | the client                                     | the client's business | none
//
// `state`, `referenced` and `removed` are separate bytes because each is stored under a protocol of its own: with all of
// them in one, a store by one would undo another's.

/// Something that is cached: a header by which an LRU list links it, and a client's payload behind it. By its address.
///
/// A folio is counted: each batch that it sits in has a reference, the lists together have one, and so has its client. So it
/// may sit in a batch of another CPU when its client lets it go; who drops the last reference frees it.
/// Kernel counterpart: `struct folio` (include/linux/mm_types.h).
@frozen
public struct Folio: @unchecked Sendable, Hashable {
    /// Where the header lies: a multiple of 16.
    public let address: UnsafeMutableRawPointer

    /// Bytes before the payload, which is aligned to 16.
    @inlinable public static var headerSize: Int { 48 }

    /// A folio that was made elsewhere, by its address.
    @inlinable
    public init(at address: UnsafeMutableRawPointer) {
        self.address = address
    }

    /// Makes a header in memory of the caller's: at least ``headerSize`` bytes, at a multiple of 16.
    ///
    /// It has two references: the caller's, and the one that ``PageLRU/add(_:)`` or ``PageLRU/pinNew(_:)`` takes over.
    ///
    /// - Parameters:
    ///   - address: of the memory, which must outlive the folio.
    ///   - weight: 0 or more, in the client's unit.
    ///   - node: ``PageLRU/localNode``, or another below ``PageLRU/nodeCount``.
    public init(initializing address: UnsafeMutableRawPointer, weight: Int = 1, node: Int = 0) {
        precondition(UInt(bitPattern: address) % 16 == 0, "a folio lies at a multiple of 16")
        precondition(weight >= 0, "a folio's weight is not negative")
        self.address = address
        memset(address, 0, Self.headerSize)
        references.pointee.store(2, ordering: .relaxed)
        (address + 28).storeBytes(of: UInt16(node), as: UInt16.self)
        self.weight = weight
    }

    /// Allocates a folio with room for so many bytes of payload; ``deallocate()`` frees it. Nil if there is no memory.
    ///
    /// The payload is not initialised. References as in ``init(initializing:weight:node:)``.
    public static func allocate(payloadBytes: Int, weight: Int = 1, node: Int = 0) -> Folio? {
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 16, headerSize + payloadBytes) == 0, let memory else { return nil }
        return Folio(initializing: memory, weight: weight, node: node)
    }

    /// Frees what ``allocate(payloadBytes:weight:node:)`` made: once nobody has a reference or can come to have one.
    public func deallocate() { free(address) }

    /// Where the client keeps what is its own.
    @inlinable public var payload: UnsafeMutableRawPointer { address + Self.headerSize }

    /// Its share of the capacity, in the client's unit; must not change while an LRU knows the folio.
    @inlinable public var weight: Int {
        get { (address + 32).load(as: Int.self) }
        nonmutating set { (address + 32).storeBytes(of: newValue, as: Int.self) }
    }

    /// A word for the client: a hash, a number. The LRU does not look at it.
    @inlinable public var word: UInt {
        get { (address + 40).load(as: UInt.self) }
        nonmutating set { (address + 40).storeBytes(of: newValue, as: UInt.self) }
    }

    /// The index of the NUMA node on whose lists it is.
    @inlinable public var node: Int { Int((address + 28).load(as: UInt16.self)) }
}

// MARK: - References

extension Folio {
    @inlinable
    var references: UnsafeMutablePointer<Atomic<UInt32>> {
        (address + 16).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// Takes another reference; the caller has one. One atomic addition. Kernel counterpart: `folio_get`.
    @inlinable
    public func retain() {
        references.pointee.wrappingAdd(1, ordering: .relaxed)
    }

    /// Takes a reference unless the last one is gone: for who found the folio in a table, under RCU, and has none.
    ///
    /// Kernel counterpart: `folio_try_get`.
    @inlinable
    public func tryRetain() -> Bool {
        var seen = references.pointee.load(ordering: .relaxed)
        while seen != 0 {
            let result = references.pointee.weakCompareExchange(
                expected: seen, desired: seen &+ 1, ordering: .acquiring)
            if result.exchanged { return true }
            seen = result.original
        }
        return false
    }

    /// Drops a reference; true if it was the last: then the caller frees the folio, after a grace period if there are readers.
    ///
    /// ``PageLRU/release(_:)`` does both. Kernel counterpart: `folio_put_testzero`.
    @inlinable
    public func dropReference() -> Bool {
        references.pointee.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }
}
