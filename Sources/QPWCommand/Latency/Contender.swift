import QPW

/// One line of the result: a structure under one policy, or the idle one, which nobody drains.
final class Contender: Sendable {
    enum Kind: Sendable {
        case drained
        case idle
    }

    private enum Structure: Sendable {
        case slot(SlotWorkload)
        case objects(ObjectWorkload)
        case pages(PagesWorkload)
    }

    let label: String
    let kind: Kind
    private let structure: Structure

    static func all(_ settings: LatencySettings) -> [Contender] {
        let hold = CycleClock.calibrated.cycles(settings.hold)
        let drained = settings.policies.map {
            Contender($0.name, .drained, settings.workload, $0.policy, hold: hold)
        }
        return drained + [Contender("idle", .idle, settings.workload, .queue, hold: 0)]
    }

    private init(_ label: String, _ kind: Kind, _ workload: Workload, _ policy: QPWPolicy, hold: UInt64) {
        self.label = label
        self.kind = kind
        switch workload {
        case .slot: structure = .slot(SlotWorkload(label, policy, hold: hold))
        case .objects: structure = .objects(ObjectWorkload(label, policy))
        case .pages: structure = .pages(PagesWorkload(label, policy))
        }
    }

    /// What the owner does with its slot.
    @inline(__always)
    func touch() {
        switch structure {
        case .slot(let workload): workload.touch()
        case .objects(let workload): workload.touch()
        case .pages(let workload): workload.touch()
        }
    }

    /// What the housekeeper does with it; false if the slot was not to be had in time.
    func drain(_ cpu: CPU, timeout: Duration) -> Bool {
        do throws(QPWTimeout) {
            switch structure {
            case .slot(let workload): try workload.drain(cpu, timeout: timeout)
            case .objects(let workload): try workload.drain(cpu, timeout: timeout)
            case .pages(let workload): try workload.drain(cpu, timeout: timeout)
            }
            return true
        } catch {
            return false
        }
    }

    var inForce: PolicyInForce {
        switch structure {
        case .slot(let workload): workload.inForce
        case .objects(let workload): workload.inForce
        case .pages(let workload): workload.inForce
        }
    }

    var contention: Contention {
        switch structure {
        case .slot(let workload): workload.contention
        case .objects(let workload): workload.contention
        case .pages(let workload): workload.contention
        }
    }
}
