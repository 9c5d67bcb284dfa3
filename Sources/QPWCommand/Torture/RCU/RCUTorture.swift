import QPW
import Synchronization

extension TortureSuite {
    /// No reader sees what was reclaimed, barriers are complete, floods are bounded. Readers count without any policy.
    static let rcu = TortureSuite(name: "rcu", scope: .once) { context in
        RCUTorture(context).subject
    }
}

// published | writers          | acquire-release exchange; readers acquire
// values    | writers          | relaxed: the grace period is what orders them, and what is checked
// free      | who retires      | its mutex

/// Objects are published, retired and, a grace period later, poisoned and used again.
private final class RCUTorture: Sendable {
    private static let poison = -1
    private static let objectCount = 48
    private static let bound = 512

    private let context: TortureContext
    private let domain = RCUDomain("tortured", bound: RCUTorture.bound)
    private let objects = (0..<RCUTorture.objectCount).map { _ in Object() }
    private let published = Atomic<Int>(0)
    private let free = Guarded(Array(1..<RCUTorture.objectCount))

    private final class Object: Sendable {
        let value = Atomic<Int>(0)
    }

    init(_ context: TortureContext) { self.context = context }

    var subject: TortureSubject {
        let reader = TortureRole(name: "reader") { actor, random in self.read(actor, &random) }
        let writer = TortureRole(name: "writer") { actor, random in self.write(actor, &random) }
        let flooder = TortureRole(name: "flooder") { actor, random in self.flood(actor, &random) }
        return TortureSubject(
            inForce: nil, roles: [reader, writer, reader, writer, reader, flooder],
            audit: { _ in
                self.domain.barrier()
                if self.domain.pendingCallbacks != 0 { self.context.findings.note(.lostRun) }
            })
    }
}

// MARK: - Readers

extension RCUTorture {
    private func read(_ actor: Actor, _ random: inout SeededRandom) {
        actor.perform(.read) {
            for _ in 0..<20 {
                if random.oneIn(8) {
                    let token = domain.readLock()
                    look(actor, &random)
                    domain.readUnlock(token)
                } else {
                    domain.read { look(actor, &random) }
                }
            }
        }
    }

    private func look(_ actor: Actor, _ random: inout SeededRandom) {
        let object = objects[published.load(ordering: .acquiring)]
        let before = object.value.load(ordering: .relaxed)
        linger(&random)
        if random.oneIn(16) { domain.read { linger(&random) } }
        let after = object.value.load(ordering: .relaxed)
        if before == Self.poison || after != before {
            context.findings.note(.reclaimedWhileRead, by: actor.number, on: .current)
        }
    }

    /// Most sections are short; some are preempted, some end on another CPU.
    private func linger(_ random: inout SeededRandom) {
        switch Int.random(in: 0..<400, using: &random) {
        case 0..<2: yieldThread()
        case 2: _ = System.pinThread(to: context.cpus.randomElement(using: &random)!)
        case 3: System.sleep(nanoseconds: 50_000)
        case 4..<12: ThreadLuck.dawdle(100)
        default: break
        }
    }
}

// MARK: - Writers

extension RCUTorture {
    private func write(_ actor: Actor, _ random: inout SeededRandom) {
        guard let new = free.withLock({ $0.popLast() }) else { return yieldThread() }
        // Each value is another: a reader who finds the same has not missed a reuse.
        objects[new].value.store(Int.random(in: 1...Int.max, using: &random), ordering: .relaxed)
        let old = published.exchange(new, ordering: .acquiringAndReleasing)
        if context.defect == .shortGracePeriod { return reclaimEarly(old, actor) }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: actor.perform(.call) { domain.callOrHelp { self.reclaim(old) } }
        case 1: actor.perform(.call) { domain.call { self.reclaim(old) } }
        case 2:
            actor.perform(.poll) { poll() }
            reclaim(old)
        default:
            actor.perform(.synchronize) { domain.synchronize() }
            reclaim(old)
        }
    }

    private func poll() {
        let cookie = domain.startPoll()
        while !domain.poll(cookie) { System.sleep(nanoseconds: 20_000) }
    }

    /// The defect: some grace period that ends after the object was withdrawn, and may have begun before, while readers
    /// who could see it were about. Its end is as near as another writer brings it.
    private func reclaimEarly(_ old: Int, _ actor: Actor) {
        let before = domain.gracePeriods
        domain.call {}
        actor.perform(.poll) {
            while domain.gracePeriods == before { yieldThread() }
        }
        reclaim(old)
    }

    private func reclaim(_ index: Int) {
        objects[index].value.store(Self.poison, ordering: .relaxed)
        free.withLock { $0.insert(index, at: 0) }
    }
}

// MARK: - Callbacks

extension RCUTorture {
    private func flood(_ actor: Actor, _ random: inout SeededRandom) {
        let ran = CallbackCount()
        let count = Int.random(in: 1...200, using: &random)
        for _ in 0..<count { actor.perform(.call) { domain.callOrHelp { ran.add() } } }
        // Each thread may have added 64 before it looks, and `call` is not bounded.
        let limit = Self.bound + (64 + Self.objectCount) * context.threads + RCUTorture.objectCount
        if domain.pendingCallbacks > limit { context.findings.note(.unbounded, by: actor.number) }
        guard random.oneIn(4) else { return }
        actor.perform(.barrier) { domain.barrier() }
        if ran.value != count { context.findings.note(.unfinishedBarrier, by: actor.number) }
    }
}

private final class CallbackCount: Sendable {
    private let word = Atomic<Int>(0)

    var value: Int { word.load(ordering: .acquiring) }

    func add() { word.wrappingAdd(1, ordering: .releasing) }
}
