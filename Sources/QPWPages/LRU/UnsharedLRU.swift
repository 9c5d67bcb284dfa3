package import QPW

/// What ``PageLRU`` would be for one thread: one batch of additions, which nothing protects, before the same lists.
///
/// For `qpw bench pages`, which tells by it what a batch for each CPU costs. In this module, and inlinable, so that both are
/// compiled alike.
@usableFromInline
package final class UnsharedLRU: @unchecked Sendable {
    private let nodes: NodeLists
    @usableFromInline let batch: FolioBatch

    package init(_ topology: Topology) {
        nodes = NodeLists(topology)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: FolioBatch.size, alignment: 128)
        batch = FolioBatch(address: memory)
        batch.truncate(to: 0)
    }

    deinit { batch.address.deallocate() }

    /// As ``PageLRU/add(_:)``. A folio whose last reference was dropped since is its client's business.
    @inlinable @inline(__always)
    package func add(_ folio: Folio) {
        if batch.append(UInt(bitPattern: folio.address)) == FolioBatch.capacity { empty() }
    }

    /// As ``PageLRU/drainAll(_:)``.
    package func drain() { empty() }

    /// As ``PageLRU/remove(_:)-(Folio)``.
    package func remove(_ folio: Folio) {
        if nodes[folio.node].withLock({ $0.remove(folio) }) { _ = folio.dropReference() }
    }

    @usableFromInline @inline(never)
    func empty() {
        var dead = DeadFolios()
        nodes.empty(batch, .add, letting: &dead)
    }
}
