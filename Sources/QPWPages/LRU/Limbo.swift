import Synchronization

// head | who drops a last reference where he must not free (push), whoever frees next (take) | release; acquire by exchange
//
// Everything is taken at once, so a folio that is freed and comes back while somebody pushes does no harm: a push compares
// the head with the link that it has just written.

/// Where folios wait whose last reference was dropped in a place that must not free them: a signal handler perhaps.
struct Limbo: ~Copyable {
    private let head = Atomic<UInt>(0)

    var isEmpty: Bool { head.load(ordering: .relaxed) == 0 }

    func push(_ dead: consuming DeadFolios) {
        while let folio = dead.pop() { push(folio) }
    }

    private func push(_ folio: Folio) {
        var seen = head.load(ordering: .relaxed)
        while true {
            folio.next = UnsafeMutableRawPointer(bitPattern: seen).map { Folio(at: $0) }
            let result = head.weakCompareExchange(
                expected: seen, desired: UInt(bitPattern: folio.address), ordering: .releasing)
            if result.exchanged { return }
            seen = result.original
        }
    }

    /// All that wait there.
    func takeAll(_ body: (Folio) -> Void) {
        guard !isEmpty else { return }
        var next = UnsafeMutableRawPointer(bitPattern: head.exchange(0, ordering: .acquiring))
        while let address = next {
            let folio = Folio(at: address)
            next = folio.next?.address
            body(folio)
        }
    }
}
