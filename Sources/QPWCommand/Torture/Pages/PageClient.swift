import QPW
import QPWPages
import Synchronization

/// A cache's client in small: a table of folios that everybody uses, pins, removes and evicts.
final class PageClient: Sendable {
    private static let heavy = 50
    private static let mostPinned = 6

    let lru: PageLRU
    private let context: TortureContext
    private let folios: FolioArena
    private let table = FolioTable()
    /// What signal handlers rotate: there from the beginning to the end.
    private let rotated: [Folio]
    private let pinned: [PinnedFolios]
    private let stamps = Guarded<[EvictionStamp]>([])

    init(_ context: TortureContext, _ folios: FolioArena) {
        self.context = context
        self.folios = folios
        let lru = PageLRU("tortured pages", policy: context.policy.policy, heavyWeight: Self.heavy) { folio in
            folios.bury(folio)
        }
        self.lru = lru
        rotated = (0..<8).compactMap { number in
            folios.make(UInt(FolioTable.count + number), weight: 1, node: number % lru.nodeCount)
        }
        for folio in rotated { lru.add(folio) }
        pinned = (0..<context.threads).map { _ in PinnedFolios() }
    }

    /// What a signal handler may do; in a debug build nothing, since lock checking allocates.
    func interrupt() {
        #if !DEBUG
        lru.rotate(rotated[Int(CycleClock.now() >> 4) % rotated.count])
        #endif
    }
}

// MARK: - Users

extension PageClient {
    func use(_ actor: Actor, _ random: inout SeededRandom) {
        if random.oneIn(64) { _ = System.pinThread(to: context.cpus.randomElement(using: &random)!) }
        let index = Int.random(in: 0..<FolioTable.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25: actor.perform(.add) { replace(index, &random) }
        case 25..<30: actor.perform(.remove) { remove(table.exchange(index, for: nil)) }
        case 30..<45: actor.perform(.mark) { markInReadSection(index, actor) }
        case 45..<60: pin(index, actor)
        case 60..<70: unpin(actor, &random)
        case 70..<80: actor.perform(.look) { look(index, actor) }
        default: actor.perform(.mark) { hint(index, actor, &random) }
        }
    }

    private func replace(_ index: Int, _ random: inout SeededRandom) {
        let weight = random.oneIn(20) ? Self.heavy : Int.random(in: 0...3, using: &random)
        guard let folio = folios.make(UInt(index), weight: weight, node: lru.localNode) else {
            return yieldThread()
        }
        if random.oneIn(4), let stamp = stamps.withLock({ $0.popLast() }) { lru.prepareRefault(folio, stamp) }
        // Others may find it, and remove it, before it is added.
        let isFoundEarly = random.oneIn(4)
        if !isFoundEarly { lru.add(folio) }
        let former = table.exchange(index, for: folio)
        if isFoundEarly { lru.add(folio) }
        remove(former)
    }

    private func remove(_ folio: Folio?) {
        guard let folio else { return }
        lru.remove(folio)
        lru.release(folio)
    }

    /// The caller gets a reference.
    private func find(_ index: Int, _ actor: Actor) -> Folio? {
        folios.domain.read {
            guard let folio = table[index] else { return nil }
            folios.expectReachable(folio, by: actor)
            return folio.tryRetain() ? folio : nil
        }
    }

    private func markInReadSection(_ index: Int, _ actor: Actor) {
        folios.domain.read {
            guard let folio = table[index] else { return }
            lru.markAccessed(folio)
            folios.expectReachable(folio, by: actor)
        }
    }

    private func hint(_ index: Int, _ actor: Actor, _ random: inout SeededRandom) {
        guard let folio = find(index, actor) else { return }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: lru.activate(folio)
        case 1: lru.deactivate(folio)
        case 2: lru.deactivateFile(folio)
        case 3: lru.lazyFree(folio)
        case 4: lru.rotate(folio)
        default: lru.markAccessed(folio)
        }
        folios.expectAlive(folio, by: actor)
        lru.release(folio)
    }

    /// What the front gives is a hint, but of the folio that was put in under that number.
    private func look(_ index: Int, _ actor: Actor) {
        if let folio = lru.front.lookup(UInt(index)) {
            folios.expectAlive(folio, by: actor)
            if folio.word != UInt(index) { context.findings.note(.mistaken, by: actor.number, on: .current) }
            lru.release(folio)
        } else if let folio = find(index, actor) {
            lru.front.insert(UInt(index), folio)
            lru.release(folio)
        }
    }
}

// MARK: - Pins

/// What a thread has pinned, each with a reference: its own, and after its end the audit's.
private final class PinnedFolios: @unchecked Sendable {
    var folios: [Folio] = []
}

extension PageClient {
    private func pin(_ index: Int, _ actor: Actor) {
        guard pinned[actor.number].folios.count < Self.mostPinned, let folio = find(index, actor) else {
            return
        }
        guard actor.perform(.pin, nil, { lru.pin(folio) }) else { return lru.release(folio) }
        folio.marks.pointee.pinners.wrappingAdd(1, ordering: .sequentiallyConsistent)
        expectPinned(folio, actor)
        pinned[actor.number].folios.append(folio)
    }

    private func unpin(_ actor: Actor, _ random: inout SeededRandom) {
        let count = pinned[actor.number].folios.count
        guard count > 0 else { return }
        let folio = pinned[actor.number].folios.remove(at: Int.random(in: 0..<count, using: &random))
        expectPinned(folio, actor)
        actor.perform(.pin) { undoPin(folio) }
    }

    private func undoPin(_ folio: Folio) {
        folio.marks.pointee.pinners.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        lru.unpin(folio)
        lru.release(folio)
    }

    private func expectPinned(_ folio: Folio, _ actor: Actor) {
        folios.expectAlive(folio, by: actor)
        let isEvicted = folio.marks.pointee.evicts.load(ordering: .sequentiallyConsistent)
        if isEvicted || !folio.isPinned {
            context.findings.note(.evictedWhilePinned, by: actor.number, on: .current)
        }
    }
}

// MARK: - Reclaimers

extension PageClient {
    func reclaim(_ actor: Actor, _ random: inout SeededRandom) {
        let node = Int.random(in: 0..<lru.nodeCount, using: &random)
        actor.perform(.reclaim) {
            if random.oneIn(3) {
                lru.deactivateOldest(Int.random(in: 1...32, using: &random), node: node)
            } else {
                evictSome(node, actor, &random)
            }
        }
        // Others are to fill the table again.
        System.sleep(nanoseconds: .random(in: 1000...200_000, using: &random))
    }

    private func evictSome(_ node: Int, _ actor: Actor, _ random: inout SeededRandom) {
        withUnsafeTemporaryAllocation(of: Folio.self, capacity: 32) { buffer in
            let wanted = Int.random(in: 1...32, using: &random)
            let chance = [SecondChance.none, .rotate, .activate].randomElement(using: &random)!
            let count = lru.isolate(wanted, node: node, into: buffer, secondChance: chance)
            if random.oneIn(4) { yieldThread() }
            var kept = 0
            for folio in buffer[..<count] where !evict(folio, actor, &random) {
                buffer[kept] = folio
                kept += 1
            }
            lru.putBack(UnsafeBufferPointer(rebasing: buffer[..<kept]))
        }
    }

    private func evict(_ folio: Folio, _ actor: Actor, _ random: inout SeededRandom) -> Bool {
        folios.expectAlive(folio, by: actor)
        guard folio.beginEviction() else { return false }
        let marks = folio.marks
        marks.pointee.evicts.store(true, ordering: .sequentiallyConsistent)
        if marks.pointee.pinners.load(ordering: .sequentiallyConsistent) != 0 {
            context.findings.note(.evictedWhilePinned, by: actor.number, on: .current)
        }
        guard !random.oneIn(4), table.withdraw(folio) else {
            marks.pointee.evicts.store(false, ordering: .sequentiallyConsistent)
            folio.cancelEviction()
            return false
        }
        let stamp = lru.evicted(folio)
        stamps.withLock { if $0.count < 64 { $0.append(stamp) } }
        lru.release(folio)
        return true
    }
}

// MARK: - The end

extension PageClient {
    func audit() {
        for thread in pinned {
            for folio in thread.folios { undoPin(folio) }
            thread.folios = []
        }
        lru.front.invalidate()
        lru.drainAll(.everyCPU)
        let expected = table.all + rotated
        ListAudit(lru, context.findings).expect(expected)
        for index in 0..<FolioTable.count { remove(table.exchange(index, for: nil)) }
        for folio in rotated { remove(folio) }
    }
}
