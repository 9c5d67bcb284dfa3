import QPW
import QPWPages

/// Looks, when nobody else is about and everything is drained, whether the lists hold what they should.
struct ListAudit {
    private let lru: PageLRU
    private let findings: Findings

    init(_ lru: PageLRU, _ findings: Findings) {
        self.lru = lru
        self.findings = findings
    }

    /// Each of these once, nothing else, and none as if it were pinned.
    func expect(_ expected: [Folio]) {
        let sizes = lru.sizes
        let weight = expected.reduce(0) { $0 + $1.weight }
        if sizes.total.folios != expected.count || sizes.total.weight != weight
            || sizes.unevictable.folios != 0
        {
            findings.explain(
                "\(expected.count) folios of weight \(weight) should be on the lists, none of them pinned: \(sizes)"
            )
            findings.note(.lostFolio)
            return
        }
        let found = takeAll()
        if Set(found) != Set(expected) || found.count != expected.count {
            findings.explain("\(found.count) folios were on the lists, \(expected.count) should be")
            findings.note(.lostFolio)
        }
        found.withUnsafeBufferPointer { lru.putBack($0) }
    }

    private func takeAll() -> [Folio] {
        var found: [Folio] = []
        for node in 0..<lru.nodeCount {
            while lru.sizes(node: node).active.folios > 0 { lru.deactivateOldest(64, node: node) }
            let limit = lru.sizes(node: node).inactive.folios
            let room = UnsafeMutableBufferPointer<Folio>.allocate(capacity: max(1, limit))
            defer { room.deallocate() }
            let count = lru.isolate(limit, node: node, into: room, secondChance: .none)
            found += room[..<count]
        }
        return found
    }
}
