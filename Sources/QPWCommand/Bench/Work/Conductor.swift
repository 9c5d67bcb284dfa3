import QPW
import Synchronization

/// Runs an operation again and again from one CPU, and times each; the other CPU is where the work is wanted.
struct Conductor: Sendable {
    let cpu: CPU
    let target: CPU
    private let round: Duration

    /// Nil where there is no second CPU.
    init?(_ settings: BenchSettings) {
        guard let second = settings.place.second else { return nil }
        cpu = second
        target = settings.place.first
        round = settings.round
    }

    /// The median, in nanoseconds, of what `operation` returns in cycles.
    func median(_ operation: @escaping @Sendable () -> UInt64) -> Double {
        let clock = CycleClock.calibrated
        let length = clock.cycles(round)
        let thread = try? MeasuringThread { [cpu] in
            _ = System.pinThread(to: cpu)
            let deadline = CycleClock.now() + length
            var times: [Double] = []
            repeat {
                times.append(Double(operation()) / clock.cyclesPerNanosecond)
            } while CycleClock.now() < deadline
            return Summary(of: times).median
        }
        guard let thread else { fatalError(OutOfThreads().description) }
        return thread.join()
    }

    /// As ``median(_:)``, while a thread on the target repeats `ownWork` without a pause.
    func median(
        whileTargetRepeats ownWork: @escaping @Sendable () -> Void,
        _ operation: @escaping @Sendable () -> UInt64
    ) -> Double {
        let isOver = Flag()
        let owner = try? MeasuringThread { [target] in
            _ = System.pinThread(to: target)
            while !isOver.isSet { ownWork() }
        }
        defer {
            isOver.set()
            owner?.join()
        }
        return median(operation)
    }
}

private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}

/// Keeps the CPU for so long without asking the system for anything.
func spin(for time: Duration) {
    let end = CycleClock.now() + CycleClock.calibrated.cycles(time)
    while CycleClock.now() < end {}
}

/// How many cycles `body` takes.
@inline(__always)
func cycles(of body: () -> Void) -> UInt64 {
    let begun = CycleClock.now()
    body()
    return CycleClock.elapsed(from: begun, to: CycleClock.now())
}
