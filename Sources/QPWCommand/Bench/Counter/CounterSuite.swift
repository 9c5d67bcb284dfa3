import QPW
import Synchronization

/// A sum that each CPU adds to on its own, against one word that all share.
struct CounterSuite {
    private let settings: BenchSettings

    init(_ settings: BenchSettings) {
        self.settings = settings
    }

    var subjects: [Subject] {
        crewsOfOneAndTwo(settings).flatMap { crew in
            [
                Subject.repeating(PerCPUAdd(), .counter, "PerCPUCounter", crew),
                Subject.repeating(SharedAdd(), .counter, "Atomic", crew),
            ]
        }
    }
}

private final class PerCPUAdd: Operation {
    private let counter = PerCPUCounter()

    func perform(lane: Int) {
        counter.add()
    }
}

private final class SharedAdd: Operation {
    private let sum = Atomic<Int>(0)

    func perform(lane: Int) {
        sum.wrappingAdd(1, ordering: .relaxed)
    }
}
