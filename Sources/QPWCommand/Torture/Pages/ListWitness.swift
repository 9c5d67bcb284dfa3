import QPW
import QPWPages

/// Knows where each of its folios must be, since nobody else uses them: on lists from which nobody evicts.
final class ListWitness: Sendable {
    private static let heavy = 50

    let lru: PageLRU
    let drains: PageDrains
    private let context: TortureContext
    private let folios: FolioArena

    init(_ context: TortureContext, _ folios: FolioArena) {
        self.context = context
        self.folios = folios
        drains = PageDrains(context)
        // Without a limit additions are pushed before anybody asks what they weigh.
        let limit = context.seed.isMultiple(of: 2) ? Self.heavy : .max
        lru = PageLRU("witnessed pages", policy: context.policy.policy, heavyWeight: limit) { folio in
            folios.bury(folio)
        }
    }

    func step(_ actor: Actor, _ random: inout SeededRandom) {
        var mine: [Folio] = []
        if random.oneIn(8) {
            drains.withoutBatching(lru, actor) {
                addSome(to: &mine, actor, &random)
                expectListed(mine, actor)
            }
        } else {
            addSome(to: &mine, actor, &random)
            drains.runComplete(on: lru, actor, &random)
            expectListed(mine, actor)
        }
        pinSome(mine, actor, &random)
        activateAndDeactivate(mine, actor, &random)
        actor.perform(.remove) {
            mine.withUnsafeBufferPointer { lru.remove($0) }
            for folio in mine { lru.release(folio) }
        }
    }

    /// Once all have ended: it has taken everything away again.
    func audit() {
        lru.drainAll(.everyCPU)
        ListAudit(lru, context.findings).expect([])
    }

    private func note(_ breach: Breach, _ actor: Actor) {
        context.findings.note(breach, by: actor.number, on: .current)
    }

    private func addSome(to mine: inout [Folio], _ actor: Actor, _ random: inout SeededRandom) {
        for _ in 0..<Int.random(in: 1...80, using: &random) {
            if random.oneIn(40) { _ = System.pinThread(to: context.cpus.randomElement(using: &random)!) }
            let weight = random.oneIn(40) ? Self.heavy : 1
            guard let folio = folios.make(0, weight: weight, node: lru.localNode) else {
                return yieldThread()
            }
            mine.append(folio)
            actor.perform(.add) {
                if random.oneIn(8) { lru.pinNew(folio) } else { lru.add(folio) }
            }
            if weight >= lru.heavyWeight && !folio.state.contains(.onList) { note(.unfinishedDrain, actor) }
        }
    }

    private func expectListed(_ mine: [Folio], _ actor: Actor) {
        for folio in mine {
            folios.expectAlive(folio, by: actor)
            if !folio.state.contains(.onList) { note(.unfinishedDrain, actor) }
            if folio.isPinned != folio.state.contains(.unevictable) { note(.wrongList, actor) }
        }
    }

    /// After a drain a folio is on the side that its pins call for, however often that has changed.
    private func pinSome(_ mine: [Folio], _ actor: Actor, _ random: inout SeededRandom) {
        actor.perform(.pin) {
            for folio in mine {
                let before = folio.pinCount
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    if !lru.pin(folio) { note(.wrongList, actor) }
                }
                while folio.pinCount > before || (folio.isPinned && random.oneIn(2)) { lru.unpin(folio) }
            }
        }
        drains.runComplete(on: lru, actor, &random)
        expectListed(mine, actor)
        actor.perform(.pin) {
            for folio in mine { while folio.isPinned { lru.unpin(folio) } }
        }
        drains.runComplete(on: lru, actor, &random)
        expectListed(mine, actor)
    }

    /// One hint each, then a drain: two of different kinds might be applied in another order.
    private func activateAndDeactivate(_ mine: [Folio], _ actor: Actor, _ random: inout SeededRandom) {
        let chosen = mine.filter { _ in random.oneIn(2) }
        actor.perform(.mark) { for folio in chosen { lru.activate(folio) } }
        drains.runComplete(on: lru, actor, &random)
        for folio in chosen where !folio.state.contains(.active) { note(.wrongList, actor) }
        actor.perform(.mark) { for folio in chosen { lru.deactivate(folio) } }
        drains.runComplete(on: lru, actor, &random)
        for folio in chosen where folio.state.contains(.active) { note(.wrongList, actor) }
    }
}
