import QPW
import QPWObjects

// What only a cache can do, and not every source of objects.

/// Frees for when today's readers are gone.
struct FreeAfterGracePeriod: Operation {
    let cache: ObjectCache

    @inline(__always)
    func perform(lane: Int) {
        let object = cache.allocateOrDie()
        touch(object)
        cache.deallocate(afterGracePeriod: object)
    }
}

/// Sets objects aside, then uses them all.
struct Prefill: Operation {
    let cache: ObjectCache
    let objects: BatchStorage

    var weight: Int { objects.count }

    @inline(__always)
    func perform(lane: Int) {
        let objects = objects[lane]
        do {
            var sheaf = try cache.prefill(objects.count)
            for index in objects.indices {
                guard let object = sheaf.allocate() else { fatalError("a prefilled sheaf ran out") }
                touch(object)
                objects[index] = object
            }
        } catch {
            fatalError(error.description)
        }
        for object in objects { cache.deallocate(object) }
    }
}
