import QPW
import Synchronization

extension TortureSuite {
    /// Exclusion, and nothing lost, of `PerCPU` and of `QPWLock`, however their slots are taken.
    static let locks = TortureSuite(name: "locks", scope: .policies) { context in
        let policy = context.policy.policy
        guard let defect = context.defect else {
            return LockTorture(TorturedPerCPU(policy), TorturedQPWLock(policy), context).subject
        }
        return broken(defect, policy, context)
    }

    private static func broken(
        _ defect: Defect, _ policy: QPWPolicy, _ context: TortureContext
    ) -> TortureSubject {
        func subject(_ lock: some TorturedLock) -> TortureSubject { LockTorture(lock, lock, context).subject }
        return switch defect {
        case .earlyRelease: subject(EarlyRelease(policy))
        #if os(Linux) && !QPW_PORTABLE
        case .noFence: subject(NoFence(policy))
        case .uncheckedClaim: subject(UncheckedClaim(policy))
        #endif
        default: subject(NoExclusion(policy))
        }
    }
}

/// An owner and a housekeeper, each on its CPU, as fast as they can, for windows of a few instructions; the others
/// own, try, hop between CPUs inside and outside, and work for others.
private struct LockTorture<First: TorturedLock, Second: TorturedLock>: Sendable {
    let first: First
    let second: Second
    let context: TortureContext
    private let place = OwnerPlace()

    init(_ first: First, _ second: Second, _ context: TortureContext) {
        self.first = first
        self.second = second
        self.context = context
    }

    var subject: TortureSubject {
        let roaming = TortureRole(name: "everything") { actor, random in
            if Bool.random(using: &random) {
                step(first, actor, &random)
            } else {
                step(second, actor, &random)
            }
        }
        let fast = [
            TortureRole(name: "owner", place: .settled(context.ownerCPU)) { actor, _ in own(actor) },
            TortureRole(name: "housekeeper", place: .settled(context.housekeeperCPU)) { actor, _ in
                visit(actor)
            },
        ]
        let others = Array(repeating: roaming, count: max(0, context.threads - fast.count))
        return TortureSubject(
            inForce: first.inForce, roles: fast + others,
            interrupt: { if first.tryOwn(bookkeeper(nil, .not)) { place.countEntry() } },
            audit: { audit($0) })
    }

    private func bookkeeper(_ actor: Actor?, _ dwelling: Bookkeeper.Dwelling) -> Bookkeeper {
        Bookkeeper(findings: context.findings, actor: actor, dwelling: dwelling)
    }

    private func own(_ actor: Actor) {
        place.note(.current)
        actor.perform(.own) {
            for _ in 0..<100 {
                first.own(bookkeeper(actor, .not))
                actor.countEntry()
            }
        }
    }

    private func visit(_ actor: Actor) {
        let cpu = place.cpu ?? context.ownerCPU
        actor.perform(.remote, cpu) {
            for _ in 0..<20 {
                first.remote(cpu, bookkeeper(actor, .pausing(20)))
                actor.countEntry()
            }
        }
    }

    private func step(_ lock: some TorturedLock, _ actor: Actor, _ random: inout SeededRandom) {
        let cpu = context.cpus.randomElement(using: &random)!
        let target = lock.cpus.randomElement(using: &random)!
        let dwelling = dwelling(&random)
        var entered = true
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<8: actor.perform(.own) { lock.own(bookkeeper(actor, dwelling)) }
        case 8..<11: actor.perform(.own) { lock.own(bookkeeper(actor, .moving(to: cpu))) }
        case 11..<13: entered = actor.perform(.tryOwn) { lock.tryOwn(bookkeeper(actor, dwelling)) }
        case 13: actor.perform(.ownMasked) { lock.ownMasked(bookkeeper(actor, dwelling)) }
        case 14:
            _ = System.pinThread(to: cpu)
            entered = false
        case 15:
            System.setAffinity(CPUSet(context.cpus))
            entered = false
        case 16:
            let timeout = Duration.microseconds(Int.random(in: 1...300, using: &random))
            entered = actor.perform(.remoteInTime, target) {
                lock.remote(target, within: timeout, bookkeeper(actor, dwelling))
            }
        default: actor.perform(.remote, target) { lock.remote(target, bookkeeper(actor, dwelling)) }
        }
        if entered { actor.countEntry() }
    }

    /// Mostly short; now and then long, through a yield, or through a sleep.
    private func dwelling(_ random: inout SeededRandom) -> Bookkeeper.Dwelling {
        switch Int.random(in: 0..<64, using: &random) {
        case 0: .sleeping(nanoseconds: random.oneIn(16) ? 5_000_000 : 60_000)
        case 1..<5: .yielding
        case 5..<20: .pausing(200)
        default: .pausing(5)
        }
    }

    private func audit(_ context: TortureContext) {
        let entries = context.actors.reduce(place.entries) { $0 + $1.entries }
        var booked = first.booked()
        if !isSame { booked += second.booked() }
        if booked != entries {
            context.findings.explain("\(entries) entries were made, \(booked) are there")
            context.findings.note(.lostEntry)
        }
    }

    /// A broken lock stands in for both.
    private var isSame: Bool { (first as AnyObject) === (second as AnyObject) }
}

/// Where the owner is: the CPU that it was settled on, or on the portable backend the one that it was hashed to; and what
/// signal handlers entered.
private final class OwnerPlace: Sendable {
    private let number = Atomic<Int>(-1)
    private let entered = Atomic<Int>(0)

    func note(_ cpu: CPU) { number.store(cpu.id, ordering: .relaxed) }

    var cpu: CPU? {
        let id = number.load(ordering: .relaxed)
        return id < 0 ? nil : CPU(id)
    }

    func countEntry() { entered.wrappingAdd(1, ordering: .relaxed) }

    var entries: Int { entered.load(ordering: .relaxed) }
}
