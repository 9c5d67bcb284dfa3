public import QPW

extension ObjectPool where Element: ~Copyable {
    /// Runs `body` with an object of its own, which goes back when it ends.
    ///
    /// Makes one if none is idle. Errors of the body pass through. The body may call anything, this pool as well, and may
    /// take its time: nobody waits for an object. What it refers to by the object must not be used afterwards. Some 10
    /// cycles more than the body if an object is idle on this CPU.
    @inlinable
    public func withObject<R: ~Copyable, E: Error>(
        _ body: (inout sending Element) throws(E) -> sending R
    ) throws(E) -> sending R {
        let cell = take()
        defer { give(cell) }
        return try body(&cell.pointee)
    }

    /// As ``withObject(_:)``, with a body that may suspend, and go on on another thread: the object stays its own.
    @inlinable
    public nonisolated(nonsending) func withObject<R: ~Copyable, E: Error>(
        _ body: nonisolated(nonsending) (inout sending Element) async throws(E) -> sending R
    ) async throws(E) -> sending R {
        let cell = take()
        defer { give(cell) }
        return try await body(&cell.pointee)
    }

    /// Checks an object out until the result ends.
    ///
    /// As `withObject(_:)`, for a use that is not one scope; the result keeps the pool, which costs a reference
    /// count, some 20 nanoseconds.
    @inlinable
    public func borrow() -> Pooled<Element> {
        Pooled(cell: take(), pool: self)
    }

    @inlinable @inline(__always)
    func take() -> UnsafeMutablePointer<Element> {
        if let cell = magazines.popAtOnce() { return cell.assumingMemoryBound(to: Element.self) }
        return takeSlow()
    }

    @inlinable @inline(__always)
    func give(_ cell: UnsafeMutablePointer<Element>) {
        if let reset { reset(&cell.pointee) }
        if magazines.pushAtOnce(UnsafeMutableRawPointer(cell)) { return }
        giveSlow(cell)
    }
}
