/// Which class serves how many bytes: a table with an entry for each eight bytes, so that the answer is one load.
///
/// Kernel counterpart: `kmalloc_size_index` (mm/slab_common.c).
@usableFromInline
struct SizeTable: @unchecked Sendable {
    static let sizes = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192]
    @inlinable static var largest: Int { 8192 }

    @usableFromInline let entries: UnsafeMutablePointer<UInt8>

    init() {
        entries = .allocate(capacity: Self.largest / 8 + 1)
        for eighth in 0...Self.largest / 8 {
            let index = Self.sizes.firstIndex { eighth * 8 <= $0 }!
            (entries + eighth).initialize(to: UInt8(index))
        }
    }

    func deallocate() { entries.deallocate() }

    /// What every address in a class is a multiple of: its size's largest power of two, up to a page.
    static func alignment(of size: Int) -> Int { min(size & -size, SizeClasses.largestAlignment) }

    /// The class for `byteCount` bytes, which are at most ``largest``.
    @inlinable
    subscript(byteCount: Int) -> Int { Int(entries[(byteCount &+ 7) &>> 3]) }

    /// As many bytes as have to be asked for so that the class is aligned as well.
    ///
    /// A class that is a power of two is aligned to itself. One that is not, 96 or 192, is reached by a multiple of
    /// `alignment` only if that divides 32 or 64: what lies between 64 and 96, or between 128 and 192, has no multiples of
    /// larger powers but the bounds, and a multiple of 64 above 64 is 128 at least.
    @inlinable
    static func padded(_ byteCount: Int, _ alignment: Int) -> Int {
        (max(byteCount, 1) &+ alignment &- 1) & ~(alignment &- 1)
    }
}
