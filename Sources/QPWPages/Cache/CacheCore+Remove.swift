import Synchronization

extension CacheCore {
    /// Takes the entry of a key out of the table; nil if there is none. The table's reference is then the caller's, who calls
    /// ``depart(_:_:)``.
    @usableFromInline
    func takeOut(_ hash: UInt64, hasSameKey: (Folio) -> Bool) -> Folio? {
        let stripe = stripes.stripe(of: hash)
        return stripe.withLock {
            guard let slot = find(hash, in: currentTable, hasSameKey) else { return nil }
            return empty(slot, stripe)
        }
    }

    /// With the stripe locked.
    func empty(_ slot: CacheSlot, _ stripe: Stripe) -> Folio? {
        defer { slot.word = 0 }
        stripe.entryCount -= 1
        return CacheSlot.folio(in: slot.word)
    }

    /// An entry that its caller took out of the table goes off the lists, is counted and reported, and let go.
    @usableFromInline
    func depart(_ folio: Folio, _ cause: Removal) {
        used.wrappingSubtract(folio.weight, ordering: .relaxed)
        lru.remove(folio)
        report(folio, cause)
        lru.release(folio)
    }

    /// No lock is held: the listener may call the cache.
    @usableFromInline
    func report(_ folio: Folio, _ cause: Removal) {
        departures.add(1, cause)
        listener?(folio, cause)
    }

    /// Takes every entry out that is in the table throughout the call and is `unwanted`, a stripe at a time; returns how many.
    @discardableResult
    func takeOutAll(_ cause: Removal, where isUnwanted: (Folio) -> Bool) -> Int {
        var count = 0
        for index in 0..<stripes.count {
            let taken = emptyStripe(index, where: isUnwanted)
            for folio in taken { depart(folio, cause) }
            count += taken.count
        }
        return count
    }

    private func emptyStripe(_ index: Int, where isUnwanted: (Folio) -> Bool) -> [Folio] {
        let stripe = stripes[index]
        return stripe.withLock {
            var taken: [Folio] = []
            let table = currentTable
            let lines = table.lineCount / stripes.count
            for line in index * lines..<(index + 1) * lines {
                table.line(at: line).forEachSlot { slot in
                    if let folio = CacheSlot.folio(in: slot.word), isUnwanted(folio),
                        empty(slot, stripe) != nil
                    {
                        taken.append(folio)
                    }
                    return true
                }
            }
            return taken
        }
    }
}
