import QPW

extension PageCache {
    /// Takes out what has expired; returns how many entries that were.
    ///
    /// Nobody need call it: what has expired is not found, and is evicted like what nobody uses; but until somebody looks for it,
    /// it takes up room. Looks at the whole table, a stripe at a time.
    @discardableResult
    public func removeExpired() -> Int {
        guard let timing else { return 0 }
        return core.takeOutAll(.expired) { timing.hasExpired($0) }
    }

    /// Whether an entry that was found may be used.
    @usableFromInline @inline(never)
    func isGood(_ entry: Entry) -> Bool { timing?.use(entry.folio) ?? true }

    /// Whether an entry has not expired; it is not a use of it.
    @usableFromInline @inline(never)
    func isUnexpired(_ entry: Entry) -> Bool { timing.map { !$0.hasExpired(entry.folio) } ?? true }

    /// After a look-up that found nothing: perhaps what there is has expired.
    @usableFromInline @inline(never)
    func takeOutExpired(_ key: Key) {
        guard let timing else { return }
        let taken = core.takeOut(secret.hash(key)) {
            Entry($0).key.pointee == key && timing.hasExpired($0)
        }
        if let taken { core.depart(taken, .expired) }
    }
}
