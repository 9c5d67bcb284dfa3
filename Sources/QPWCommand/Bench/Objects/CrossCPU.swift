import QPW

/// One CPU allocates, the other frees.
struct CrossCPU<Source: ObjectSource>: Sendable {
    let source: Source
    let allocating: CPU
    let freeing: CPU
    let ring = ObjectRing()

    init(_ source: Source, from allocating: CPU, to freeing: CPU) {
        self.source = source
        self.allocating = allocating
        self.freeing = freeing
    }

    /// CPU cycles for an object, those of both sides together.
    func measure(_ count: Int) -> Double {
        ring.reset()
        let start = StartingLine(for: 2)
        let receiver = try? MeasuringThread {
            _ = System.pinThread(to: freeing)
            let begun = start.await()
            receive(count)
            return CycleClock.elapsed(from: begun, to: CycleClock.now())
        }
        let sender = try? MeasuringThread {
            _ = System.pinThread(to: allocating)
            _ = start.await()
            send(count)
        }
        guard let receiver, let sender else { fatalError(OutOfThreads().description) }
        sender.join()
        return Double(receiver.join()) * 2 / Double(count)
    }

    @inline(never)
    private func send(_ count: Int) {
        ring.send(count) {
            let object = source.allocate(lane: 0)
            touch(object)
            return object
        }
    }

    @inline(never)
    private func receive(_ count: Int) {
        ring.receive(count) { source.deallocate($0, lane: 1) }
    }
}
