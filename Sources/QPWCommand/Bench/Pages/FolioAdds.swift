import QPW
import QPWPages

/// Lists that new folios are added to and taken off again.
protocol FolioLists: Sendable {
    func add(_ folio: Folio)
    /// What waits in batches goes to the lists.
    func drain()
    func remove(_ folio: Folio)
}

extension PageLRU: FolioLists {
    func drain() { drainAll() }
}

extension UnsharedLRU: FolioLists {}

/// What an addition costs, less what it takes to make folios that can be added.
///
/// The folios are few, so that they stay in a cache of the processor's: misses would cost both kinds of lists the same, and
/// hide what is to be seen.
final class FolioAdds<Lists: FolioLists>: Sendable {
    private let lists: Lists
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer

    /// Full batches only.
    private static var count: Int { 32 * 31 }
    private static var stride: Int { 64 }

    init(_ lists: Lists) {
        self.lists = lists
        memory = .allocate(byteCount: Self.count * Self.stride, alignment: 128)
    }

    deinit { memory.deallocate() }

    /// CPU cycles for one addition; the median of many laps of some microseconds, so that who else runs does not count.
    func cost(on cpu: CPU, for round: Duration) -> Double {
        let thread = try? MeasuringThread { [self] in
            _ = System.pinThread(to: cpu)
            let deadline = CycleClock.now() + CycleClock.calibrated.cycles(round)
            var laps: [Double] = []
            repeat {
                makeFolios()
                laps.append(Double(addFolios()) / Double(Self.count))
                removeFolios()
            } while CycleClock.now() < deadline
            return Summary(of: laps).median
        }
        guard let thread else { fatalError(OutOfThreads().description) }
        return thread.join()
    }

    private func folio(_ index: Int) -> Folio { Folio(at: memory + index &* Self.stride) }

    private func makeFolios() {
        for index in 0..<Self.count { _ = Folio(initializing: memory + index * Self.stride) }
    }

    @inline(never)
    private func addFolios() -> UInt64 {
        let begun = CycleClock.now()
        for index in 0..<Self.count { lists.add(folio(index)) }
        return CycleClock.elapsed(from: begun, to: CycleClock.now())
    }

    private func removeFolios() {
        lists.drain()
        for index in 0..<Self.count { lists.remove(folio(index)) }
    }
}
