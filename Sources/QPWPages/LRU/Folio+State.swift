public import Synchronization

extension Folio {
    /// Where a folio is and what is known of it. Read without a lock it is a hint.
    @frozen
    public struct State: OptionSet, Sendable {
        /// The flags as bits.
        public let rawValue: UInt8

        /// The flags whose bits are set.
        @inlinable
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// On a list. Kernel counterpart: `PG_lru`.
        public static let onList = State(rawValue: 1)
        /// On the active list, or to be put there. Kernel counterpart: `PG_active`.
        public static let active = State(rawValue: 2)
        /// On the unevictable list, since it is pinned. Kernel counterpart: `PG_unevictable`.
        public static let unevictable = State(rawValue: 4)
        /// It was active before it was evicted and came back. Kernel counterpart: `PG_workingset`.
        public static let workingset = State(rawValue: 8)
        /// Its client will not miss it. Kernel counterpart: the absence of `PG_swapbacked`.
        public static let lazyFree = State(rawValue: 16)
        /// Taken off a list by who tries to evict it.
        public static let isolated = State(rawValue: 32)
    }

    @inlinable
    func byte(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt8>> {
        (address + offset).assumingMemoryBound(to: Atomic<UInt8>.self)
    }

    /// Where it is. One load.
    @inlinable public var state: State {
        State(rawValue: byte(at: 24).pointee.load(ordering: .relaxed))
    }

    func setState(_ state: State) { byte(at: 24).pointee.store(state.rawValue, ordering: .relaxed) }

    func insertState(_ added: State) { setState(state.union(added)) }

    func removeState(_ taken: State) { setState(state.subtracting(taken)) }

    /// Whether it was used since somebody last cleared that. Kernel counterpart: `PG_referenced`.
    @inlinable public var isReferenced: Bool {
        get { byte(at: 25).pointee.load(ordering: .relaxed) != 0 }
        nonmutating set { byte(at: 25).pointee.store(newValue ? 1 : 0, ordering: .relaxed) }
    }

    /// Whether ``PageLRU/remove(_:)-(Folio)`` was called: it will not be put on a list again.
    public var isRemoved: Bool { byte(at: 26).pointee.load(ordering: .relaxed) != 0 }

    func setRemoved() { byte(at: 26).pointee.store(1, ordering: .relaxed) }
}

// MARK: - Links

extension Folio {
    var previous: Folio? {
        get { address.load(as: UnsafeMutableRawPointer?.self).map { Folio(at: $0) } }
        nonmutating set { address.storeBytes(of: newValue?.address, as: UnsafeMutableRawPointer?.self) }
    }

    var next: Folio? {
        get { (address + 8).load(as: UnsafeMutableRawPointer?.self).map { Folio(at: $0) } }
        nonmutating set {
            (address + 8).storeBytes(of: newValue?.address, as: UnsafeMutableRawPointer?.self)
        }
    }
}

// MARK: - Pins

// pins = bit 31: somebody evicts it | how many have pinned it
//
// A pinned folio is never evicted, because one word says both: who pins adds one unless bit 31 is set, who evicts sets bit
// 31 only over zero. Whichever exchange comes first, the other fails.
extension Folio {
    static var evicting: UInt32 { 1 << 31 }

    var pins: UnsafeMutablePointer<Atomic<UInt32>> {
        (address + 20).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// How many have pinned it and not unpinned it.
    public var pinCount: Int { Int(pins.pointee.load(ordering: .acquiring) & ~Self.evicting) }

    /// Whether it is pinned now.
    public var isPinned: Bool { pinCount > 0 }

    /// Claims a folio that was isolated for eviction: from now on nobody can pin it. False if somebody has.
    ///
    /// Kernel counterpart: `folio_ref_freeze` (mm/vmscan.c, `__remove_mapping`).
    public func beginEviction() -> Bool {
        pins.pointee.compareExchange(expected: 0, desired: Self.evicting, ordering: .acquiringAndReleasing)
            .exchanged
    }

    /// Undoes ``beginEviction()``. Kernel counterpart: `folio_ref_unfreeze`.
    public func cancelEviction() {
        pins.pointee.bitwiseAnd(~Self.evicting, ordering: .releasing)
    }

    /// The count after adding one; nil if the folio is being evicted.
    func addPin() -> UInt32? {
        var seen = pins.pointee.load(ordering: .relaxed)
        while seen & Self.evicting == 0 {
            let result = pins.pointee.weakCompareExchange(
                expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
            if result.exchanged { return seen + 1 }
            seen = result.original
        }
        return nil
    }

    /// The count after taking one off.
    func dropPin() -> UInt32 {
        let (old, new) = pins.pointee.subtract(1, ordering: .acquiringAndReleasing)
        precondition(old != 0, "QPW: a folio is unpinned more often than it was pinned")
        return new
    }
}
