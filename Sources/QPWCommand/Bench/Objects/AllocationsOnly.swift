import QPW

/// Allocates a million objects, and frees them when the clock has stopped: the proposal's own measure.
struct AllocationsOnly<Source: ObjectSource>: Sendable {
    let source: Source
    let objects: BatchStorage
    let cpu: CPU

    /// Cycles for an allocation.
    func measure() -> Double {
        let thread = try? MeasuringThread {
            _ = System.pinThread(to: cpu)
            return run()
        }
        guard let thread else { fatalError(OutOfThreads().description) }
        return thread.join()
    }

    @inline(never)
    private func run() -> Double {
        let objects = objects[0]
        let begun = CycleClock.now()
        for index in objects.indices {
            let object = source.allocate(lane: 0)
            touch(object)
            objects[index] = object
        }
        let elapsed = CycleClock.elapsed(from: begun, to: CycleClock.now())
        for object in objects { source.deallocate(object, lane: 0) }
        return Double(elapsed) / Double(objects.count)
    }
}
