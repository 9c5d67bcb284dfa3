import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

/// The same random operations on an LRU and on its model, from one thread on one CPU.
struct RandomWalk {
    struct Disagreement: Error {
        let operation: String
        let node: Int
        /// The first list that differs.
        let expected: ArraySlice<Int>
        let found: ArraySlice<Int>

        init(_ operation: String, _ node: Int, expected: Contents, found: Contents) {
            self.operation = operation
            self.node = node
            let lists = [\Contents.inactive, \.active, \.unevictable]
            let differing = lists.first { expected[keyPath: $0] != found[keyPath: $0] } ?? \.inactive
            let pairs = zip(expected[keyPath: differing], found[keyPath: differing])
            let place = pairs.prefix { $0 == $1 }.map { _ in 1 }.count
            self.expected = expected[keyPath: differing].dropFirst(place).prefix(5)
            self.found = found[keyPath: differing].dropFirst(place).prefix(5)
        }
    }

    var forgetsActivations = false

    private let lists: Lists
    private var model: ModelLRU
    private var random: SeededRandom
    private var folios: [Folio] = []
    /// Those that have not been removed.
    private var living: [Int] = []

    private var lru: PageLRU { lists.lru }

    init(_ lists: Lists, seed: UInt64) {
        self.lists = lists
        model = ModelLRU(nodes: lists.lru.nodeCount, heavyWeight: lists.lru.heavyWeight)
        random = SeededRandom(seed, thread: 0)
    }

    mutating func step() throws {
        let operation = perform(Int.random(in: 0..<100, using: &random))
        for node in 0..<lru.nodeCount {
            let found = Contents(lru, node: node)
            guard found == model.lists[node] else {
                throw Disagreement(operation, node, expected: model.lists[node], found: found)
            }
            try compareSizes(node, operation)
        }
    }

    private func compareSizes(_ node: Int, _ operation: String) throws {
        let sizes = lru.sizes(node: node)
        let inactive = model.lists[node].inactive
        #expect(sizes.inactive.folios == inactive.count, "after \(operation)")
        #expect(sizes.inactive.weight == inactive.reduce(0) { $0 + model.pages[$1].weight })
        #expect(sizes.active.folios == model.lists[node].active.count)
        #expect(sizes.unevictable.folios == model.lists[node].unevictable.count)
    }

    private mutating func perform(_ choice: Int) -> String {
        switch choice {
        case 0..<24: addFolio()
        case 24..<26: addPinnedFolio()
        case 46..<56: activate()
        case 77..<81: pin()
        case 81..<86: unpin()
        case 86..<91: removeOne()
        case 91..<94: reclaim()
        case 94: deactivateOldest()
        case 95: switchBatching()
        case 96...: drain(choice)
        default: giveHint(choice)
        }
        return "operation \(choice)"
    }

    private mutating func giveHint(_ choice: Int) {
        use { lru, folio, model, page in
            switch choice {
            case ..<46:
                lru.markAccessed(folio)
                model.markAccessed(page)
            case ..<62:
                lru.deactivate(folio)
                model.deactivate(page)
            case ..<67:
                lru.deactivateFile(folio)
                model.deactivateFile(page)
            case ..<72:
                lru.lazyFree(folio)
                model.lazyFree(page)
            default:
                lru.rotate(folio)
                model.rotate(page)
            }
        }
    }

    /// On some folio that lives.
    private mutating func use(_ body: (PageLRU, Folio, inout ModelLRU, Int) -> Void) {
        guard let page = living.randomElement(using: &random) else { return }
        body(lru, folios[page], &model, page)
    }

    private mutating func makeFolio() -> Int {
        let isHeavy = Int.random(in: 0..<40, using: &random) == 0
        let weight = isHeavy ? 50 : Int.random(in: 0..<9, using: &random)
        let node = Int.random(in: 0..<lru.nodeCount, using: &random)
        let page = model.addPage(node: node, weight: weight)
        folios.append(lists.makeFolio(page, weight: weight, node: node))
        living.append(page)
        return page
    }

    private mutating func addFolio() {
        let page = makeFolio()
        lru.add(folios[page])
        model.put(page, .add)
    }

    private mutating func addPinnedFolio() {
        let page = makeFolio()
        lru.pinNew(folios[page])
        model.pinNew(page)
    }

    private mutating func activate() {
        let isForgotten = forgetsActivations && Int.random(in: 0..<31, using: &random) == 0
        use { lru, folio, model, page in
            lru.activate(folio)
            if !isForgotten { model.activate(page) }
        }
    }

    private mutating func pin() {
        use { lru, folio, model, page in
            #expect(lru.pin(folio))
            model.pin(page)
            #expect(folio.pinCount == model.pages[page].pins)
        }
    }

    private mutating func unpin() {
        let pinned = living.filter { model.pages[$0].pins > 0 }
        guard let page = pinned.randomElement(using: &random) else { return }
        lru.unpin(folios[page])
        model.unpin(page)
    }

    private mutating func removeOne() {
        use { lru, folio, model, page in
            lru.remove(folio)
            model.remove(page)
        }
        living.removeAll { model.pages[$0].isRemoved }
    }

    /// Half of what was isolated is evicted, half of it comes back.
    private mutating func reclaim() {
        let wanted = Int.random(in: 1...6, using: &random)
        let node = Int.random(in: 0..<lru.nodeCount, using: &random)
        let chance = [SecondChance.none, .rotate, .activate].randomElement(using: &random)!
        let buffer = UnsafeMutableBufferPointer<Folio>.allocate(capacity: 8)
        defer { buffer.deallocate() }
        let count = lru.isolate(wanted, node: node, into: buffer, secondChance: chance)
        let taken = model.isolate(wanted, node: node, chance)
        #expect(buffer[..<count].map { Int($0.word) } == taken)
        let returning = taken.filter { $0 % 2 == 0 }
        for page in taken where page % 2 != 0 {
            #expect(folios[page].beginEviction())
            #expect(!lru.pin(folios[page]), "it is being evicted")
            _ = lru.evicted(folios[page])
            model.remove(page)
        }
        returning.map { folios[$0] }.withUnsafeBufferPointer { lru.putBack($0) }
        for page in returning { model.putBack(page) }
        living.removeAll { model.pages[$0].isRemoved }
    }

    private mutating func deactivateOldest() {
        let node = Int.random(in: 0..<lru.nodeCount, using: &random)
        #expect(lru.deactivateOldest(5, node: node) == model.deactivateOldest(5, node: node))
    }

    private mutating func switchBatching() {
        if model.unbatchedDepth == 2 {
            for _ in 0..<2 { lru.enableBatching() }
            model.unbatchedDepth = 0
        } else {
            lru.disableBatching()
            model.unbatchedDepth += 1
            model.drain()
        }
    }

    private mutating func drain(_ choice: Int) {
        switch choice {
        case 96: lru.drainLocal()
        case 97: lru.drain(.current)
        case 98: lru.drainAll()
        default: lru.drainAll(.everyCPU)
        }
        model.drain()
    }

    /// Nobody keeps a reference: everything that was made is freed.
    mutating func end() {
        for folio in folios {
            lru.remove(folio)
            lru.release(folio)
        }
        lru.drainAll()
        #expect(lists.graveyard.count == folios.count)
    }
}
