import QPW

extension PageCache {
    /// Runs `body` on the value of a key, which is not evicted meanwhile; nil if there is none.
    ///
    /// Unlike ``withValue(_:_:)`` it may take its time. A pinned entry counts like any other; it may be replaced or removed, and
    /// then lives until the body ends. Two atomic instructions at either end. Kernel counterpart: `mlock_folio`,
    /// `munlock_folio` (mm/mlock.c).
    public func withPinned<R, E: Error>(_ key: Key, _ body: (borrowing Value) throws(E) -> R) throws(E) -> R?
    {
        guard let entry = pin(key) else { return nil }
        defer { unpin(entry) }
        return try body(entry.value.pointee)
    }

    /// As the other `withPinned(_:_:)`, for a body that awaits.
    public func withPinned<R, E: Error>(
        _ key: Key, _ body: (Value) async throws(E) -> R
    ) async throws(E) -> R? {
        guard let entry = pin(key) else { return nil }
        defer { unpin(entry) }
        return try await body(entry.value.pointee)
    }

    private func pin(_ key: Key) -> Entry? {
        let found = rcu.read { () -> Entry? in
            guard let entry = use(key), entry.folio.tryRetain() else { return nil }
            return entry
        }
        guard let entry = found else {
            if isTimed { takeOutExpired(key) }
            return nil
        }
        guard core.lru.pin(entry.folio) else {
            core.lru.release(entry.folio)
            return nil
        }
        return entry
    }

    private func unpin(_ entry: Entry) {
        core.lru.unpin(entry.folio)
        core.lru.release(entry.folio)
    }
}

// MARK: - Hints

extension PageCache {
    /// Says that a key's value will not be needed soon: it is evicted before what is used. A hint: it may come to nothing.
    ///
    /// Kernel counterpart: `folio_deactivate` (mm/swap.c).
    public func deactivate(_ key: Key) {
        readAside {
            guard let entry = find(key, secret.hash(key)) else { return }
            entry.folio.uses = 0
            core.lru.deactivate(entry.folio)
        }
    }

    /// Says that nobody will miss a key's value unless it is used again: it is evicted soon, and not remembered. A hint.
    ///
    /// Kernel counterpart: `folio_mark_lazyfree` (mm/swap.c).
    public func lazyFree(_ key: Key) {
        readAside {
            guard let entry = find(key, secret.hash(key)) else { return }
            entry.folio.uses = 0
            core.lru.lazyFree(entry.folio)
        }
    }
}
