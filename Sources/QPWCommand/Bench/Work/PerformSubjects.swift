import QPW

/// `perform(on:)` at a CPU that is idle, and at one whose owner uses its slot.
enum PerformSubjects {
    /// How often the busy owner comes by its slot.
    private static let interval: Duration = .microseconds(20)

    static func all(_ conductor: Conductor, _ policies: [PolicyChoice]) -> [Subject] {
        policies.flatMap { choice in
            let remote = RemoteIncrement(choice.policy, conductor.target)
            return [
                Subject(suite: .work, name: "perform/\(choice.name)/idle", threads: 1, unit: .nanoseconds) {
                    conductor.median { cycles { remote.perform() } }
                },
                Subject(suite: .work, name: "perform/\(choice.name)/busy", threads: 1, unit: .nanoseconds) {
                    conductor.median(whileTargetRepeats: { remote.useAsOwner(every: interval) }) {
                        cycles { remote.perform() }
                    }
                },
            ]
        }
    }
}

private final class RemoteIncrement: Sendable {
    private let slots: PerCPU<Int>
    private let target: CPU

    /// Under `deferred` without a deadline an idle target's owner never comes.
    private static let patience: Duration = .milliseconds(100)

    init(_ policy: QPWPolicy, _ target: CPU) {
        slots = PerCPU("bench", policy: policy) { _ in 0 }
        self.target = target
    }

    func perform() {
        try? slots.perform(on: target, timeout: Self.patience) { $0 &+= 1 }
    }

    func useAsOwner(every interval: Duration) {
        spin(for: interval)
        slots.withLocal { value, _ in value &+= 1 }
    }
}
