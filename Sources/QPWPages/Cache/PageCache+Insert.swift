extension PageCache {
    /// Keeps a value for a key, in place of the one that there was.
    ///
    /// Evicts others if there is no room; a value that is heavier than the cache's capacity is reported to the listener and not
    /// kept, nor is the old one. Some hundred nanoseconds, of which most are the allocation and, in a full cache, the eviction.
    public func insert(_ value: Value, for key: Key) {
        flights.invalidate(key)
        let folio = makeEntry(key, value)
        guard folio.weight <= capacity else {
            takeOut(key, .replaced)
            return refuse(folio)
        }
        core.insert(folio, .replacing) { Entry($0).key.pointee == key }
    }

    /// Keeps a value that was loaded, unless the key has one by now or `isWanted`, which is asked with the key's stripe locked,
    /// says that it is out of date.
    func insertLoaded(_ value: Value, for key: Key, if isWanted: () -> Bool) {
        let folio = makeEntry(key, value)
        guard folio.weight <= capacity else { return refuse(folio) }
        core.insert(folio, .ifAbsent, if: isWanted) { Entry($0).key.pointee == key }
    }

    private func makeEntry(_ key: Key, _ value: Value) -> Folio {
        let weight = weigher?(key, value) ?? 1
        precondition(weight >= 0, "'\(name)': an entry weighs 0 or more, not \(weight)")
        let folio = Folio(initializing: core.memory.allocate(), weight: weight, node: core.lru.localNode)
        folio.word = UInt(truncatingIfNeeded: secret.hash(key))
        Entry(folio).initialize(key, value)
        timing?.start(folio)
        return folio
    }

    private func refuse(_ folio: Folio) {
        core.report(folio, .tooHeavy)
        core.discard(folio)
    }
}

// MARK: - Removing

extension PageCache {
    /// Takes a key's value out; returns it, or nil if there is none. What is being loaded for the key will not be kept.
    @discardableResult
    public func remove(_ key: Key) -> Value? {
        flights.invalidate(key)
        return takeOut(key, .removed)
    }

    /// Takes everything out that is there throughout the call; what others insert meanwhile may stay.
    public func removeAll() {
        flights.invalidateAll()
        core.takeOutAll(.removed) { _ in true }
    }

    @discardableResult
    func takeOut(_ key: Key, _ cause: Removal) -> Value? {
        let taken = core.takeOut(secret.hash(key)) { Entry($0).key.pointee == key }
        guard let folio = taken else { return nil }
        guard !isTimed || isUnexpired(Entry(folio)) else {
            core.depart(folio, .expired)
            return nil
        }
        let value = Entry(folio).value.pointee
        core.depart(folio, cause)
        return value
    }
}
