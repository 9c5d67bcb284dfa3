import Synchronization

/// A doubly linked list of folios, the latest at its head. Everything is done under the node's list lock.
///
/// Its size can be read without the lock.
struct FolioList: ~Copyable {
    private(set) var head: Folio?
    private(set) var tail: Folio?
    private let folios = Atomic<Int>(0)
    private let weights = Atomic<Int>(0)

    var size: ListSize {
        ListSize(folios: folios.load(ordering: .relaxed), weight: weights.load(ordering: .relaxed))
    }

    mutating func insertAtHead(_ folio: Folio) {
        folio.previous = nil
        folio.next = head
        if let head { head.previous = folio } else { tail = folio }
        head = folio
        count(folio.weight, by: 1)
    }

    mutating func insertAtTail(_ folio: Folio) {
        folio.next = nil
        folio.previous = tail
        if let tail { tail.next = folio } else { head = folio }
        tail = folio
        count(folio.weight, by: 1)
    }

    mutating func unlink(_ folio: Folio) {
        let (previous, next) = (folio.previous, folio.next)
        if let previous { previous.next = next } else { head = next }
        if let next { next.previous = previous } else { tail = previous }
        folio.previous = nil
        folio.next = nil
        count(-folio.weight, by: -1)
    }

    private func count(_ weight: Int, by number: Int) {
        folios.store(folios.load(ordering: .relaxed) &+ number, ordering: .relaxed)
        weights.store(weights.load(ordering: .relaxed) &+ weight, ordering: .relaxed)
    }
}

/// How much is on a list.
public struct ListSize: Hashable, Sendable {
    /// How many folios.
    public var folios = 0
    /// What they weigh together, in the client's unit.
    public var weight = 0

    /// Both sums.
    public static func + (left: ListSize, right: ListSize) -> ListSize {
        ListSize(folios: left.folios + right.folios, weight: left.weight + right.weight)
    }
}

/// How much is on the lists of a node, or of all nodes.
public struct ListSizes: Hashable, Sendable {
    /// What may be evicted next, from its tail.
    public var inactive = ListSize()
    /// What was used more than once.
    public var active = ListSize()
    /// What is pinned.
    public var unevictable = ListSize()

    /// All lists together.
    public var total: ListSize { inactive + active + unevictable }

    static func + (left: ListSizes, right: ListSizes) -> ListSizes {
        ListSizes(
            inactive: left.inactive + right.inactive, active: left.active + right.active,
            unevictable: left.unevictable + right.unevictable)
    }
}
