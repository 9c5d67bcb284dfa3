import QPW
import QPWPages
import Synchronization

extension TortureSuite {
    /// Nothing lost, nothing twice, drains complete, pins exact; a cache on such lists keeps its bound, loads once for each
    /// key, and shows no value that was freed.
    static let pages = TortureSuite(name: "pages", scope: .policies) { context in
        let folios = FolioArena(context.findings)
        let client = PageClient(context, folios)
        let witness = ListWitness(context, folios)
        let cache = CacheTorture(context)
        let user = TortureRole(name: "user") { actor, random in client.use(actor, &random) }
        let reclaimer = TortureRole(name: "reclaimer") { actor, random in client.reclaim(actor, &random) }
        let looker = TortureRole(name: "witness") { actor, random in witness.step(actor, &random) }
        let cacher = TortureRole(name: "cache user") { actor, random in cache.step(actor, &random) }
        let drainer = TortureRole(name: "drainer") { actor, random in
            witness.drains.run(on: Bool.random(using: &random) ? client.lru : witness.lru, actor, &random)
        }
        // With a defect only those who can see it.
        let roles =
            switch context.defect {
            case nil: [user, looker, reclaimer, drainer, cacher, cacher]
            case .partialDrain: [looker]
            default: [cacher]
            }
        return TortureSubject(
            inForce: client.lru.inForce,
            roles: roles,
            interrupt: { client.interrupt() },
            audit: { _ in
                client.audit()
                witness.audit()
                cache.audit()
                if folios.livingCount != 0 {
                    context.findings.explain("\(folios.livingCount) folios are left")
                    context.findings.note(.leaked)
                }
                folios.domain.barrier()
            })
    }
}

/// The ways to drain: some for everything, which is what a witness relies on, some for a part.
struct PageDrains: Sendable {
    let context: TortureContext
    /// All that have batches, also those that no thread may be moved to.
    let cpus: [CPU]

    init(_ context: TortureContext) {
        self.context = context
        cpus = PerCPU<Void>("probe", policy: context.policy.policy) { _ in }.cpus
    }

    /// Any of them.
    func run(on lru: PageLRU, _ actor: Actor, _ random: inout SeededRandom) {
        let cpu = cpus.randomElement(using: &random)!
        switch Int.random(in: 0..<12, using: &random) {
        case 0: actor.perform(.drainOne, cpu) { lru.drain(cpu) }
        case 1: actor.perform(.drainOne, cpu) { lru.drainPinsOffline(cpu) }
        case 2: actor.perform(.drainOne) { lru.drainLocal() }
        case 3: actor.perform(.drainOne) { lru.drainPinsLocal() }
        case 4: withoutBatching(lru, actor) { System.sleep(nanoseconds: 50_000) }
        case 5..<8: System.sleep(nanoseconds: 100_000)
        default: runComplete(on: lru, actor, &random)
        }
    }

    /// One after which everything is on the lists that was added before.
    func runComplete(on lru: PageLRU, _ actor: Actor, _ random: inout SeededRandom) {
        if context.defect == .partialDrain { return runPartial(on: lru, actor) }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: actor.perform(.drain) { lru.drainAll(.everyCPU) }
        case 1: actor.perform(.drain) { wait { await lru.drainAll() } }
        case 2: for cpu in cpus { actor.perform(.drainOne, cpu) { lru.drain(cpu) } }
        case 3..<5:
            let timeout = Duration.microseconds(Int.random(in: 1...500, using: &random))
            let isDone = actor.perform(.drain) {
                do throws(QPWTimeout) {
                    try lru.drainAll(timeout: timeout)
                    return true
                } catch {
                    return false
                }
            }
            if !isDone { actor.perform(.drain) { lru.drainAll() } }
        default: actor.perform(.drain) { lru.drainAll() }
        }
    }

    /// The defect: one CPU is left out.
    private func runPartial(on lru: PageLRU, _ actor: Actor) {
        for cpu in cpus.dropLast() { actor.perform(.drainOne, cpu) { lru.drain(cpu) } }
    }

    func withoutBatching(_ lru: PageLRU, _ actor: Actor, _ body: () -> Void) {
        actor.perform(.drain) { lru.disableBatching() }
        body()
        lru.enableBatching()
    }

    /// From a task: the calling thread looks now and then whether it has come back.
    private func wait(for task: @escaping @Sendable () async -> Void) {
        let isDone = DoneFlag()
        Task {
            await task()
            isDone.raise()
        }
        while !isDone.isRaised { System.sleep(nanoseconds: 20_000) }
    }
}
