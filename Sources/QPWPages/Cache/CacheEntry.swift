/// A key and its value behind a folio's header. By its folio; neither changes as long as it is in a table.
@frozen
@usableFromInline
struct CacheEntry<Key: Sendable, Value: Sendable> {
    @usableFromInline let folio: Folio

    @inlinable
    init(_ folio: Folio) {
        self.folio = folio
    }

    @inlinable static var keyOffset: Int { aligned(Folio.headerSize, to: MemoryLayout<Key>.alignment) }

    @inlinable static var valueOffset: Int {
        aligned(keyOffset + MemoryLayout<Key>.size, to: MemoryLayout<Value>.alignment)
    }

    @inlinable static var size: Int { valueOffset + MemoryLayout<Value>.size }

    @inlinable static var alignment: Int { max(MemoryLayout<Key>.alignment, MemoryLayout<Value>.alignment) }

    @inlinable
    static func aligned(_ offset: Int, to alignment: Int) -> Int {
        (offset + alignment - 1) & ~(alignment - 1)
    }

    @inlinable
    var key: UnsafeMutablePointer<Key> {
        @inline(__always) get { (folio.address + Self.keyOffset).assumingMemoryBound(to: Key.self) }
    }

    @inlinable
    var value: UnsafeMutablePointer<Value> {
        @inline(__always) get { (folio.address + Self.valueOffset).assumingMemoryBound(to: Value.self) }
    }

    @inlinable
    func initialize(_ key: Key, _ value: Value) {
        self.key.initialize(to: key)
        self.value.initialize(to: value)
    }

    @inlinable
    func deinitialize() {
        key.deinitialize(count: 1)
        value.deinitialize(count: 1)
    }
}
