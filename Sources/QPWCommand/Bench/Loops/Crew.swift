import QPW

/// Threads that begin at the same time and repeat an operation for so long.
struct Crew: Sendable {
    enum Placement: Sendable {
        /// A thread on each of these.
        case pinned([CPU])
        /// So many threads anywhere on these.
        case floating(Int, CPUSet)
    }

    let placement: Placement
    var round: Duration

    var threads: Int {
        switch placement {
        case .pinned(let cpus): cpus.count
        case .floating(let count, _): count
        }
    }

    private var cpusInUse: Int {
        switch placement {
        case .pinned(let cpus): cpus.count
        case .floating(let count, let cpus): min(count, cpus.count)
        }
    }

    /// CPU cycles for one operation.
    func cost<Repeated: Operation>(of operation: Repeated) -> Double {
        let start = StartingLine(for: threads)
        let length = CycleClock.calibrated.cycles(round)
        let members = (0..<threads).compactMap { lane in
            try? MeasuringThread {
                takePlace(lane)
                let begun = start.await()
                let done = repeatOperation(operation, lane: lane, until: begun + length)
                return Lap(begun: begun, ended: CycleClock.now(), done: done)
            }
        }
        // Those that started wait for all to do so.
        guard members.count == threads else { fatalError(OutOfThreads().description) }
        let laps = members.map { $0.join() }
        let ended = laps.map(\.ended).max() ?? 0
        let elapsed = CycleClock.elapsed(from: laps[0].begun, to: ended)
        return Double(elapsed) * Double(cpusInUse) / Double(laps.reduce(0) { $0 + $1.done })
    }

    private struct Lap {
        var begun: UInt64
        var ended: UInt64
        var done: UInt64
    }

    private func takePlace(_ lane: Int) {
        switch placement {
        case .pinned(let cpus): _ = System.pinThread(to: cpus[lane])
        case .floating(_, let cpus): System.setAffinity(cpus)
        }
    }
}
