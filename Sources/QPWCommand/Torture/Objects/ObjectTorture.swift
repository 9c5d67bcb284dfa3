import QPW
import QPWObjects
import Synchronization

extension TortureSuite {
    /// No object is handed out twice, written to by others, lost, or handed out while a reader may see it.
    static let objects = TortureSuite(name: "objects", scope: .policies) { context in
        ObjectTorture(context).subject
    }
}

private final class ObjectTorture: Sendable {
    private static let size = 64
    private static let mostHeld = 300

    private let context: TortureContext
    private let cache: ObjectCache
    private let stamps: Stamps
    private let held: [HeldObjects]
    /// The defect's: what was freed, for whoever allocates next. Nothing goes back to the cache before the audit, since somebody
    /// may write to it still, and would spoil the memory of whoever has it by then.
    private let freedEarly = Guarded<[UnsafeMutableRawPointer]>([])
    private let domain = RCUDomain("tortured objects")

    init(_ context: TortureContext) {
        self.context = context
        // Sheaves so small that they are exchanged all the time.
        cache = ObjectCache(
            name: "tortured", objectSize: Self.size, sheafCapacity: 7, policy: context.policy.policy,
            rcu: domain)
        stamps = Stamps(findings: context.findings)
        held = (0..<context.threads).map { _ in HeldObjects() }
    }

    var subject: TortureSubject {
        let allocator = TortureRole(name: "allocator") { actor, random in self.step(actor, &random) }
        let shrinker = TortureRole(name: "shrinker") { actor, random in self.disturb(actor, &random) }
        return TortureSubject(
            inForce: cache.inForce, roles: [allocator, allocator, shrinker, allocator],
            interrupt: { self.interrupt() }, audit: { _ in self.audit() })
    }

    /// What a signal handler may do.
    private func interrupt() {
        guard let object = cache.tryAllocate() else { return }
        stamps.take(object, tag: -1)
        stamps.give(object, tag: -1)
        if !cache.tryDeallocate(object) { stamps.strand(object) }
    }

    private func audit() {
        for (number, objects) in held.enumerated() {
            while let object = objects.pop() {
                stamps.give(object, tag: number + 1)
                cache.deallocate(object)
            }
        }
        for object in stamps.stranded() + freedEarly.withLock({ $0 }) { cache.deallocate(object) }
        cache.barrier()
        cache.shrink()
        if cache.objectsInUse != 0 || cache.slabCount != 0 {
            context.findings.explain("\(cache.objectsInUse) objects, \(cache.slabCount) slabs are left")
            context.findings.note(.leaked)
        }
    }
}

// MARK: - Steps

extension ObjectTorture {
    private func step(_ actor: Actor, _ random: inout SeededRandom) {
        let mine = held[actor.number]
        if random.oneIn(64) { _ = System.pinThread(to: context.cpus.randomElement(using: &random)!) }
        do {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<4: try actor.perform(.allocate) { try bulk(&random) }
            case 4..<8: try actor.perform(.prefill) { try prefill(mine, actor, &random) }
            case 8..<14: free(mine, actor, &random) { cache.deallocate(afterGracePeriod: $0) }
            case 14..<20: freeWhileRead(mine, actor, &random)
            case 20..<30: if let object = cache.tryAllocate() { keep(object, mine, actor) }
            case 30..<40: free(mine, actor, &random, tryToFree)
            case 40..<70 where mine.count < Self.mostHeld:
                keep(try actor.perform(.allocate) { try allocate() }, mine, actor)
            default: free(mine, actor, &random) { cache.deallocate($0) }
            }
        } catch {
            // The system has no memory: that is no breach.
            yieldThread()
        }
    }

    private func allocate() throws(OutOfMemory) -> UnsafeMutableRawPointer {
        if context.defect == .earlyFree, let object = freedEarly.withLock({ $0.popLast() }) { return object }
        return try cache.allocate()
    }

    private func keep(_ object: UnsafeMutableRawPointer, _ mine: HeldObjects, _ actor: Actor) {
        stamps.take(object, tag: actor.number + 1)
        mine.push(object)
    }

    private func free(
        _ mine: HeldObjects, _ actor: Actor, _ random: inout SeededRandom,
        _ deallocate: (UnsafeMutableRawPointer) -> Void
    ) {
        guard let object = mine.popAny(&random) else { return }
        stamps.give(object, tag: actor.number + 1)
        actor.perform(.deallocate) { giveBack(object, deallocate) }
    }

    private func giveBack(
        _ object: UnsafeMutableRawPointer, _ deallocate: (UnsafeMutableRawPointer) -> Void
    ) {
        guard context.defect == .earlyFree else { return deallocate(object) }
        freedEarly.withLock { $0.append(object) }
    }

    /// As its reader the thread has it still: nobody may be given it before the read section ends.
    private func freeWhileRead(_ mine: HeldObjects, _ actor: Actor, _ random: inout SeededRandom) {
        guard let object = mine.popAny(&random) else { return }
        domain.read {
            actor.perform(.deallocate) { giveBack(object) { cache.deallocate(afterGracePeriod: $0) } }
            if random.oneIn(16) { yieldThread() } else { ThreadLuck.dawdle(50) }
            stamps.give(object, tag: actor.number + 1)
        }
    }

    private func tryToFree(_ object: UnsafeMutableRawPointer) {
        if !cache.tryDeallocate(object) && context.defect != .lostFree { cache.deallocate(object) }
    }

    private func bulk(_ random: inout SeededRandom) throws(OutOfMemory) {
        let count = Int.random(in: 0...40, using: &random)
        let room = UnsafeMutableBufferPointer<UnsafeMutableRawPointer>.allocate(capacity: count)
        defer { room.deallocate() }
        try cache.allocate(into: room)
        for object in room { stamps.take(object, tag: -2) }
        for object in room { stamps.give(object, tag: -2) }
        cache.deallocate(UnsafeBufferPointer(room))
    }

    private func prefill(
        _ mine: HeldObjects, _ actor: Actor, _ random: inout SeededRandom
    ) throws(OutOfMemory) {
        var sheaf = try cache.prefill(Int.random(in: 0...20, using: &random))
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            if let object = sheaf.allocate() { keep(object, mine, actor) }
        }
        if Bool.random(using: &random) { try sheaf.refill(Int.random(in: 0...30, using: &random)) }
    }

    private func disturb(_ actor: Actor, _ random: inout SeededRandom) {
        let cpu = context.cpus.randomElement(using: &random)!
        actor.perform(.shrink, cpu) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: cache.flush()
            case 1: cache.shrink()
            case 2: cache.barrier()
            case 3: cache.tick()
            case 4..<8: cache.flush(cpu)
            default: System.sleep(nanoseconds: 100_000)
            }
        }
    }
}
