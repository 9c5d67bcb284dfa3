// A line of 64 bytes holds sixteen ghosts: tag << 16 | age. The oldest gives way.
//
// field | who writes        | under             | memory order
// ------|-------------------|-------------------|----------------
// ghost | evictions, inserts| the stripe's lock | none
//
// The age is the clock of refaults at the eviction, in units of a 1024th of the capacity and modulo 2^16: so it comes round
// after 64 capacities' worth of evictions, in which time a line is overwritten several times. A ghost that looks young for that
// reason, or for another key's tag, makes an entry active that need not be: it does no harm beyond that.

/// What is remembered of entries after their eviction: that there was such a hash, and when. Four bytes each.
///
/// Kernel counterpart: the shadow entries of mm/workingset.c.
struct Ghosts {
    private let base: UnsafeMutableRawPointer
    private let shift: UInt64

    static let slotsPerLine = 16
    /// A line of ghosts for every two lines of entries, so at least twice as many ghosts as the table is meant to hold entries.
    static let tableLineBitsPerLine: UInt64 = 1
    static let fewestTableLineBits = 2
    static let bytesPerTableLine = 64 >> 1

    init(at base: UnsafeMutableRawPointer, shift: UInt64) {
        self.base = base
        self.shift = shift
    }

    /// Remembers that the entry of a hash was evicted at `age`.
    func insert(_ hash: UInt64, age: UInt16) {
        let line = line(of: hash)
        var oldest = 0
        var greatest: UInt16 = 0
        for index in 0..<Self.slotsPerLine {
            let ghost = line[index]
            guard ghost != 0 else {
                oldest = index
                break
            }
            let distance = age &- UInt16(truncatingIfNeeded: ghost)
            if distance >= greatest { (oldest, greatest) = (index, distance) }
        }
        line[oldest] = tag(of: hash) << 16 | UInt32(age)
    }

    /// How long ago the entry of a hash was evicted, and forgets it; nil if nothing is known of it.
    func remove(_ hash: UInt64, now: UInt16) -> UInt16? {
        let line = line(of: hash)
        let tag = tag(of: hash)
        for index in 0..<Self.slotsPerLine where line[index] >> 16 == tag {
            let distance = now &- UInt16(truncatingIfNeeded: line[index])
            line[index] = 0
            return distance
        }
        return nil
    }

    private func line(of hash: UInt64) -> UnsafeMutablePointer<UInt32> {
        (base + Int(truncatingIfNeeded: hash >> shift) * 64).assumingMemoryBound(to: UInt32.self)
    }

    /// Never zero, so that an empty place has nobody's tag.
    private func tag(of hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash & 0xFFFF) | 1 }
}
