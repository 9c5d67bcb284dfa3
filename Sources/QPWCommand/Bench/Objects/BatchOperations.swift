/// One object, allocated, written to and freed at once.
struct Pair<Source: ObjectSource>: Operation {
    let source: Source

    @inline(__always)
    func perform(lane: Int) {
        let object = source.allocate(lane: lane)
        touch(object)
        source.deallocate(object, lane: lane)
    }
}

/// So many objects, which are then freed in the order in which they were allocated.
struct Batch<Source: ObjectSource>: Operation {
    let source: Source
    let objects: BatchStorage

    var weight: Int { objects.count }

    @inline(__always)
    func perform(lane: Int) {
        let objects = objects[lane]
        for index in objects.indices {
            let object = source.allocate(lane: lane)
            touch(object)
            objects[index] = object
        }
        for object in objects { source.deallocate(object, lane: lane) }
    }
}

/// Room for each thread's batch.
final class BatchStorage: Sendable {
    let count: Int
    private nonisolated(unsafe) let lanes: [UnsafeMutableBufferPointer<UnsafeMutableRawPointer>]

    init(_ count: Int, lanes: Int) {
        self.count = count
        self.lanes = (0..<lanes).map { _ in .allocate(capacity: count) }
    }

    deinit {
        for lane in lanes { lane.deallocate() }
    }

    subscript(lane: Int) -> UnsafeMutableBufferPointer<UnsafeMutableRawPointer> { lanes[lane] }
}
