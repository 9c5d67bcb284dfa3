import QPW
import Synchronization

/// From queueing a function to its first instruction on the target.
final class QueueToRun: Sendable {
    private let begun = Atomic<UInt64>(0)
    private let queue = WorkQueue("qpw-bench")
    private let lock = QPWLock("bench", policy: .queue)
    private let target: CPU

    /// For the worker to fall asleep again: what is measured is an idle worker's waking.
    private static let rest: Duration = .microseconds(50)

    private init(_ target: CPU) {
        self.target = target
    }

    static func subjects(_ conductor: Conductor) -> [Subject] {
        let work = QueueToRun(conductor.target)
        let run = work.run(PerCPUWork(work.lock, cpu: conductor.target) { _ in work.noteStart() })
        return [
            Subject(suite: .work, name: "queue-to-run/idle", threads: 1, unit: .nanoseconds) {
                conductor.median(run)
            },
            Subject(suite: .work, name: "queue-to-run/busy", threads: 1, unit: .nanoseconds) {
                conductor.median(whileTargetRepeats: {}, run)
            },
        ]
    }

    private func noteStart() { begun.store(CycleClock.now(), ordering: .releasing) }

    private func run(_ work: PerCPUWork) -> @Sendable () -> UInt64 {
        { [self] in
            let queued = CycleClock.now()
            work.queue(on: target, in: queue)
            work.flush()
            spin(for: Self.rest)
            return CycleClock.elapsed(from: queued, to: begun.load(ordering: .acquiring))
        }
    }
}
