/// An object that is checked out of an ``ObjectPool``, and goes back when this ends.
///
/// It has one owner, who may take it to another thread or task, and across `await`.
public struct Pooled<Element: ~Copyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let pool: ObjectPool<Element>
    /// Nil once it was discarded.
    @usableFromInline var cell: UnsafeMutablePointer<Element>?

    @inlinable
    init(cell: UnsafeMutablePointer<Element>, pool: ObjectPool<Element>) {
        self.cell = cell
        self.pool = pool
    }

    @inlinable
    deinit {
        if let cell { pool.give(cell) }
    }

    /// Runs `body` with the object. Errors of the body pass through.
    @inlinable
    public mutating func withObject<R: ~Copyable, E: Error>(
        _ body: (inout sending Element) throws(E) -> sending R
    ) throws(E) -> sending R {
        try body(&cell!.pointee)
    }

    /// As ``withObject(_:)``, with a body that may suspend.
    @inlinable
    public nonisolated(nonsending) mutating func withObject<R: ~Copyable, E: Error>(
        _ body: nonisolated(nonsending) (inout sending Element) async throws(E) -> sending R
    ) async throws(E) -> sending R {
        try await body(&cell!.pointee)
    }

    /// Ends the object instead of returning it: a connection that broke, for example.
    @inlinable
    public consuming func discard() {
        guard let cell else { return }
        self.cell = nil
        pool.end(UnsafeMutableRawPointer(cell))
    }
}

extension Pooled where Element: Sendable & ~Copyable {
    /// The object itself, for types that may be shared anyway; a reference to it must not be kept for longer than this.
    @inlinable
    public var object: Element {
        _read { yield cell!.pointee }
        _modify { yield &cell!.pointee }
    }
}
