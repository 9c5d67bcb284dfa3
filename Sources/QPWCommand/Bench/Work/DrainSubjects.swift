import QPW
import Synchronization

/// A drain over many CPUs, of which this machine has but the first few: where one needs it, ten, all, none.
enum DrainSubjects {
    static let few = 128
    static let many = 4096

    /// Beyond so many, a thread for each CPU would measure the scheduler.
    private static let mostWorkers = few

    static let notes = [
        "drains are over injected CPUs, of which this machine has the first few; the others have no owner",
        "drain/queue and /rtQueue of all \(many) are left out: each CPU would get a worker thread",
        "drain/deferred is left out: CPUs that do not exist have no owner who could come by",
    ]

    static func all(_ conductor: Conductor, _ policies: [PolicyChoice]) -> [Subject] {
        scans(conductor)
            + policies.flatMap { choice in
                [few, many].flatMap { count in drains(conductor, choice, of: count) }
            }
    }

    private static func scans(_ conductor: Conductor) -> [Subject] {
        [few, many].map { count in
            let slots = ManySlots(.queue, count: count, first: conductor.target)
            return Subject(suite: .work, name: "scan/\(count)", threads: 1, unit: .nanosecondsPerCPU) {
                conductor.median { cycles { slots.drain() } } / Double(count)
            }
        }
    }

    private static func drains(_ conductor: Conductor, _ choice: PolicyChoice, of count: Int) -> [Subject] {
        let slots = ManySlots(choice.policy, count: count, first: conductor.target)
        return [(1, "1"), (10, "10"), (count, "all")].compactMap { needy, label in
            guard slots.canDrain(needy) else { return nil }
            let name = "drain/\(choice.name)/\(count)/\(label)"
            return Subject(suite: .work, name: name, threads: 1, unit: .nanoseconds) {
                conductor.median {
                    slots.mark(needy)
                    return cycles { slots.drain() }
                }
            }
        }
    }

    private final class ManySlots: Sendable {
        private let slots: PerCPU<Int>
        private let order: [CPU]

        /// `first` is the one that needs a drain where only one does.
        init(_ policy: QPWPolicy, count: Int, first: CPU) {
            let topology = Topology(possible: CPUSet(ids: 0..<count))
            slots = PerCPU("bench", policy: policy, topology: topology) { _ in 0 }
            order = [first] + topology.possible.filter { $0 != first }
        }

        func canDrain(_ needy: Int) -> Bool {
            switch slots.inForce.remote {
            case .inline, .fence: true
            case .queue: needy <= DrainSubjects.mostWorkers
            case .deferred: false
            }
        }

        /// From outside, so that to make many slots need it does not take a turn of each CPU.
        func mark(_ needy: Int) {
            for cpu in order.prefix(needy) {
                slots.table.slot(of: cpu).dirty.pointee.store(Dirty.some.rawValue, ordering: .relaxed)
            }
        }

        func drain() {
            slots.drain { value, _ in value = 0 }
        }
    }
}
