import QPW
import Synchronization

extension TortureSuite {
    /// Flush means done, nothing is lost, nothing runs twice at once, drains are complete.
    static let work = TortureSuite(name: "work", scope: .policies) { context in
        switch context.defect {
        case .lostWakeup: TwoWordTorture(context).subject
        case .lateGeneration: WorkTorture(context, .late).subject
        default: WorkTorture(context, .early).subject
        }
    }
}

private struct WorkTorture: Sendable {
    let context: TortureContext
    private let lock: QPWLock
    /// Everybody's, for each CPU.
    private let shared: [TorturedWork]
    /// Each thread's own, which it may cancel.
    private let own: [TorturedWork]
    private let drains: CoalescedDrain
    private let advance: CoalescedDrain.Advance

    init(_ context: TortureContext, _ advance: CoalescedDrain.Advance) {
        self.context = context
        self.advance = advance
        let policy = context.policy.policy
        let lock = QPWLock("tortured work", policy: policy)
        self.lock = lock
        drains = CoalescedDrain(policy, advance)
        let cpus = PerCPU<Void>("probe", policy: policy) { _ in }.cpus
        shared = cpus.map { TorturedWork(lock, $0, context.findings) }
        own = (0..<context.threads).map { TorturedWork(lock, cpus[$0 % cpus.count], context.findings) }
    }

    var subject: TortureSubject {
        let drainer = TortureRole(name: "drainer") { actor, random in drain(actor, &random) }
        let flusher = TortureRole(name: "flusher") { actor, random in step(actor, &random) }
        return TortureSubject(
            inForce: lock.inForce, roles: advance == .late ? [drainer] : [drainer, flusher, flusher],
            audit: { _ in
                for work in shared { work.audit() }
                for work in own { work.flush() }
            },
            plight: { _, cpu in cpu.flatMap { cpu in shared.first { $0.cpu == cpu }?.plight } })
    }

    private func drain(_ actor: Actor, _ random: inout SeededRandom) {
        let additions = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            actor.perform(.add) { drains.add() }
        }
        if random.oneIn(16) { _ = System.pinThread(to: context.cpus.randomElement(using: &random)!) }
        actor.perform(.drain) { drains.drainAll() }
        for addition in additions where !drains.isListed(addition) {
            context.findings.note(.unfinishedDrain, by: actor.number, on: addition.cpu)
        }
    }

    private func step(_ actor: Actor, _ random: inout SeededRandom) {
        if random.oneIn(32) { _ = System.pinThread(to: context.cpus.randomElement(using: &random)!) }
        switch Int.random(in: 0..<12, using: &random) {
        case 0..<2: actor.perform(.safepoint) { lock.safepoint() }
        case 2..<4: disturbOwn(actor, &random)
        default: requestAndFlush(shared.randomElement(using: &random)!, actor, &random)
        }
    }

    private func requestAndFlush(_ work: TorturedWork, _ actor: Actor, _ random: inout SeededRandom) {
        let delay = random.oneIn(8) ? Duration.microseconds(Int.random(in: 0...900, using: &random)) : nil
        let number = actor.perform(.queue, work.cpu) { work.request(after: delay) }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return
        case 1:
            let limit = Duration.microseconds(Int.random(in: 1...500, using: &random))
            guard actor.perform(.flush, work.cpu, { work.flush(within: limit) }) else { return }
        case 2: actor.perform(.flush, work.cpu) { work.flushInTask() }
        default: actor.perform(.flush, work.cpu) { work.flush() }
        }
        work.expect(number, by: actor)
    }

    private func disturbOwn(_ actor: Actor, _ random: inout SeededRandom) {
        let work = own[actor.number]
        let delay = random.oneIn(2) ? Duration.microseconds(Int.random(in: 0...300, using: &random)) : nil
        _ = actor.perform(.queue, work.cpu) { work.request(after: delay) }
        if random.oneIn(2) { actor.perform(.cancel, work.cpu) { work.cancel(by: actor) } }
    }
}

/// Each flusher has an item, and there is one thread that runs them all.
private struct TwoWordTorture: Sendable {
    private let items: [TwoWordItem]
    private let policy: PolicyChoice

    init(_ context: TortureContext) {
        items = (0..<context.threads).map { _ in TwoWordItem() }
        policy = context.policy
    }

    var subject: TortureSubject {
        let server = TortureRole(name: "server") { _, _ in for item in items { item.serve() } }
        let flusher = TortureRole(name: "flusher") { actor, random in
            let item = items[actor.number]
            for _ in 0..<Int.random(in: 1...3, using: &random) { item.queue() }
            actor.perform(.flush) { item.flush() }
        }
        return TortureSubject(
            inForce: policy.inForce, roles: [server] + Array(repeating: flusher, count: items.count - 1),
            plight: { actor, _ in items[actor.number].plight },
            rescue: { for item in items { item.rescue() } })
    }
}
