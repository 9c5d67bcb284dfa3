/// The slabs of a node that one CPU takes from: those of which some objects are free on one list, those of which all are on
/// another. A full one is on neither, and found again by its objects. Under a lock.
struct SlabShare: @unchecked Sendable {
    private var partial = SlabList()
    private var empty = SlabList()
    private(set) var slabs = 0
    private(set) var objectsInUse = 0

    /// Empty slabs that are kept for the next refill, so that their memory does not wander to another CPU by way of the pool.
    private let emptySlabsKept: Int

    init(emptySlabsKept: Int) {
        self.emptySlabsKept = emptySlabsKept
    }

    mutating func add(_ slab: Slab) {
        slabs += 1
        empty.add(slab)
    }

    mutating func take(_ count: Int, into objects: UnsafeMutablePointer<UnsafeMutableRawPointer>) -> Int {
        var taken = 0
        while taken < count, let slab = partial.first ?? startEmpty() {
            taken += slab.take(count - taken, into: objects + taken)
            if slab.isFull { partial.remove(slab) }
        }
        objectsInUse += taken
        return taken
    }

    /// An empty slab that is about to be used.
    private mutating func startEmpty() -> Slab? {
        guard let slab = empty.removeFirst() else { return nil }
        partial.add(slab)
        return slab
    }

    /// Gives back the first object, of `slab`, and those behind it as long as their slabs belong here; returns how many.
    ///
    /// Throws what is wrong with the first; what is wrong with another is found out when it is the first.
    mutating func put(
        _ objects: UnsafeBufferPointer<UnsafeMutableRawPointer>, in slab: Slab, of cache: UnsafeRawPointer
    ) throws(NodeSlabs.Refusal) -> Int {
        guard let first = objects.baseAddress else { return 0 }
        let share = slab.share
        var done = try putRun(first, objects.count, in: slab)
        while done < objects.count {
            guard let next = try? Slab.origin(of: objects[done], cache), next.share == share,
                let taken = try? putRun(first + done, objects.count - done, in: next)
            else { break }
            done += taken
        }
        return done
    }

    /// Gives back the first object, and with it those behind it that lie in the same slab; returns how many.
    private mutating func putRun(
        _ objects: UnsafePointer<UnsafeMutableRawPointer>, _ count: Int, in slab: Slab
    ) throws(NodeSlabs.Refusal) -> Int {
        let wasFull = slab.isFull
        let taken = slab.put(objects, count)
        guard taken > 0 else {
            throw slab.index(of: objects[0]) == nil ? .notAnObject(objects[0]) : .doubleFree(objects[0])
        }
        objectsInUse -= taken
        if wasFull { partial.add(slab) }
        if slab.isEmpty {
            partial.remove(slab)
            empty.add(slab)
        }
        return taken
    }

    mutating func removeSurplus() -> SlabList { removeEmpty(keeping: emptySlabsKept) }

    mutating func removeEmpty(keeping kept: Int) -> SlabList {
        var surplus = SlabList()
        while empty.count > kept, let slab = empty.removeFirst() { surplus.add(slab) }
        slabs -= surplus.count
        return surplus
    }
}
