import QPW
import QPWTestSupport
import Synchronization
import Testing

/// Threads that run at once, each on a CPU of its own as far as there are some, and are waited for.
final class Crew: Sendable {
    private let running = Atomic<Int>(0)
    private let ending = Flag()
    private let seed: UInt64

    init(seed: UInt64 = 20_261_125) { self.seed = seed }

    /// Whether those who run until told should end.
    var isEnding: Bool { ending.isRaised }

    func start(
        on cpu: CPU? = nil, thread: Int = 0, _ body: @escaping @Sendable (inout SeededRandom) -> Void
    ) {
        running.wrappingAdd(1, ordering: .relaxed)
        _ = TestThread(on: cpu) { [self, seed] in
            var random = SeededRandom(seed, thread: thread)
            body(&random)
            running.wrappingSubtract(1, ordering: .acquiringAndReleasing)
        }
    }

    /// Starts `count` threads, on the CPUs in turn.
    func start(_ count: Int, _ body: @escaping @Sendable (Int, inout SeededRandom) -> Void) {
        for thread in 0..<count {
            let cpu = Machine.cpus[thread % Machine.cpus.count]
            start(on: cpu, thread: thread) { body(thread, &$0) }
        }
    }

    func join() {
        waitUntil { running.load(ordering: .acquiring) == 0 }
    }

    func end() {
        ending.raise()
        join()
    }
}

/// Until so many milliseconds from now have passed: a bound for what would else go on for ever.
struct TimeLimit: Sendable {
    private let end: Int64

    init(milliseconds: Int64) { end = MonotonicClock.now() + milliseconds * 1_000_000 }

    var isOver: Bool { MonotonicClock.now() >= end }
}
