// Refault distance. Each list has a clock, which the weight of every eviction and every activation advances. An evicted
// folio's entry keeps the time of its eviction. If it is wanted again after the clock has advanced by d, then with d more
// room on the inactive list it would have been found there: so if the active list is larger than d, some of what is there
// deserves its place less than this folio, which is put there at once. A scan, whose folios do not come back, advances the
// inactive list only. The argument is the kernel's (mm/workingset.c).

/// When a folio was evicted: what its client keeps of it, to give to ``PageLRU/prepareRefault(_:_:)`` if it comes back.
///
/// Kernel counterpart: a shadow entry (mm/workingset.c, `pack_shadow`).
@frozen
public struct EvictionStamp: Hashable, Sendable {
    /// 48 bits of the clock, 10 of the node, 1 that says that it was part of the working set.
    public let rawValue: UInt64

    /// A stamp that was kept as a number.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    private static let ageBits: UInt64 = 48
    private static let ageMask: UInt64 = (1 << ageBits) - 1

    init(age: UInt64, node: Int, wasInWorkingset: Bool) {
        rawValue =
            age & Self.ageMask | UInt64(node & 0x3FF) << Self.ageBits | (wasInWorkingset ? 1 << 63 : 0)
    }

    var node: Int { Int(rawValue >> Self.ageBits & 0x3FF) }

    var wasInWorkingset: Bool { rawValue >> 63 != 0 }

    /// How far the clock has come since, modulo 2^48.
    func distance(to age: UInt64) -> UInt64 { (age &- rawValue) & Self.ageMask }
}
