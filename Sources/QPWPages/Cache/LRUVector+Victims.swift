extension LRUVector.Held {
    /// Takes folios off the lists that are to be evicted, until they weigh `weight`.
    ///
    /// New folios prove themselves on the inactive list, which is short: what was used there becomes active, the rest is
    /// evicted, so a scan passes through it and disturbs nobody else. What is active stays as long as it is used: each use
    /// buys another round of the list, up to ``Folio/mostUses``. `agingLooks` active ones are looked at first, as far as this
    /// call comes; what is left of the number is for the next.
    ///
    /// So many folios are looked at and no more; then uses no longer count, since an eviction must end. What is returned tells
    /// how many: none means that the lists are empty. Kernel counterpart: `shrink_lruvec` (mm/vmscan.c).
    mutating func takeVictims(
        weighing weight: Int, inactiveTarget: Int, aging agingLooks: inout Int, into victims: inout Victims
    ) -> Int {
        let limit = Victims.looksPerVictim * victims.capacity
        var looks = 0
        var taken = 0
        while taken < weight, !victims.isFull {
            let isAging = agingLooks > 0 && looks < limit
            guard let folio = candidate(isAging, inactiveTarget: inactiveTarget) else { break }
            if isAging { agingLooks -= 1 }
            looks += 1
            unlink(folio)
            if staysAfterLook(folio, isPatient: looks < 2 * limit) {
                link(folio)
            } else {
                folio.insertState(.isolated)
                victims.append(folio)
                taken += folio.weight
            }
        }
        return looks
    }

    private func candidate(_ isAging: Bool, inactiveTarget: Int) -> Folio? {
        let prefersActive = isAging || inactive.size.weight <= inactiveTarget
        return prefersActive ? active.tail ?? inactive.tail : inactive.tail ?? active.tail
    }

    /// Whether a folio stays; its state then says where.
    private func staysAfterLook(_ folio: Folio, isPatient: Bool) -> Bool {
        if folio.isPinned {
            cull(folio)
            return true
        }
        let uses = folio.uses
        guard uses > 0, isPatient else { return false }
        folio.uses = uses - 1
        folio.removeState(.lazyFree)
        folio.insertState(.active)
        return true
    }
}

/// Folios that somebody is about to evict; they are his alone.
struct Victims: ~Copyable {
    static let looksPerVictim = 16

    let capacity: Int
    private let folios: UnsafeMutablePointer<Folio>
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        folios = .allocate(capacity: capacity)
    }

    deinit { folios.deallocate() }

    var isFull: Bool { count == capacity }

    mutating func append(_ folio: Folio) {
        (folios + count).initialize(to: folio)
        count += 1
    }

    subscript(index: Int) -> Folio { folios[index] }

    mutating func removeAll() { count = 0 }

    subscript(range: Range<Int>) -> UnsafeBufferPointer<Folio> {
        UnsafeBufferPointer(start: folios + range.lowerBound, count: range.count)
    }

    mutating func swapAt(_ first: Int, _ second: Int) {
        (folios[first], folios[second]) = (folios[second], folios[first])
    }
}
