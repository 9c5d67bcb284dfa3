public import Synchronization

// The byte that an LRU takes for "referenced" counts, here, up to three: isReferenced says that it is not zero.
extension Folio {
    @inlinable static var mostUses: UInt8 { 3 }

    /// How often it was used lately; a lost count is a hint lost.
    @inlinable
    var uses: UInt8 {
        get { byte(at: 25).pointee.load(ordering: .relaxed) }
        nonmutating set { byte(at: 25).pointee.store(newValue, ordering: .relaxed) }
    }

    /// Counts a use, without a store once there were enough: a hot entry's line stays with all who read it.
    @inlinable @inline(__always)
    func noteUse() {
        let seen = uses
        if seen < Self.mostUses { uses = seen &+ 1 }
    }
}
