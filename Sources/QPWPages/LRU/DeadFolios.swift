/// Folios whose last reference was dropped under a lock, to be freed outside of it: a chain by their own links.
struct DeadFolios: Sendable {
    private var first: Folio?

    var isEmpty: Bool { first == nil }

    /// Drops a reference, and keeps the folio if it was the last.
    mutating func drop(_ folio: Folio) {
        guard folio.dropReference() else { return }
        folio.next = first
        first = folio
    }

    mutating func pop() -> Folio? {
        guard let folio = first else { return nil }
        first = folio.next
        return folio
    }
}
