/// Slabs that are linked to each other through their headers. Under the lock of the node's lists.
struct SlabList: @unchecked Sendable {
    private(set) var first: Slab?
    private(set) var count = 0

    mutating func add(_ slab: Slab) {
        slab.next = first
        slab.previous = nil
        first?.previous = slab
        first = slab
        count += 1
    }

    /// Takes out a slab that is on this list.
    mutating func remove(_ slab: Slab) {
        if let previous = slab.previous { previous.next = slab.next } else { first = slab.next }
        slab.next?.previous = slab.previous
        count -= 1
    }

    mutating func removeFirst() -> Slab? {
        guard let slab = first else { return nil }
        remove(slab)
        return slab
    }
}
