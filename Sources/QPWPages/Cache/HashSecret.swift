/// What a cache hashes keys with: random, and known to nobody, so that keys which collide on purpose cannot be prepared.
@frozen
@usableFromInline
struct HashSecret: Sendable {
    @usableFromInline let first: UInt64
    /// Odd, so that a product loses nothing.
    @usableFromInline let second: UInt64

    init() {
        first = .random(in: .min ... .max)
        second = .random(in: .min ... .max) | 1
    }

    /// 64 bits, all of them good: a table takes its index from the top, its tag from the bottom.
    ///
    /// Numbers are mixed by two multiplications. Other keys go through the standard library's keyed hash, with the secret
    /// as its key: as `Dictionary` does, and a `Hasher` that a user's `hash(into:)` feeds badly is bad here, too.
    @inlinable @inline(__always)
    func hash<Key: Hashable>(_ key: Key) -> UInt64 {
        if Key.self == Int.self { return mix(UInt64(bitPattern: Int64(unsafeBitCast(key, to: Int.self)))) }
        if Key.self == UInt.self { return mix(UInt64(unsafeBitCast(key, to: UInt.self))) }
        if Key.self == Int64.self { return mix(UInt64(bitPattern: unsafeBitCast(key, to: Int64.self))) }
        if Key.self == UInt64.self { return mix(unsafeBitCast(key, to: UInt64.self)) }
        if Key.self == Int32.self {
            return mix(UInt64(UInt32(bitPattern: unsafeBitCast(key, to: Int32.self))))
        }
        if Key.self == UInt32.self { return mix(UInt64(unsafeBitCast(key, to: UInt32.self))) }
        return UInt64(bitPattern: Int64(key._rawHashValue(seed: Int(truncatingIfNeeded: second))))
    }

    /// One would not do: multiples of a number whose ratio to 2^64 is near a simple fraction, and one secret in some hundreds is
    /// such for keys in some regular order, would all fall into a few parts of the table.
    @inlinable @inline(__always)
    func mix(_ number: UInt64) -> UInt64 {
        let product = (number ^ first).multipliedFullWidth(by: second)
        let folded = product.high ^ product.low
        return (folded ^ folded &>> 32) &* second
    }
}
