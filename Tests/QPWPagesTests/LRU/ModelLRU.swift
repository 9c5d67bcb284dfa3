@testable import QPWPages

/// What the lists and one CPU's batches must hold, said as simply as can be: arrays, and each rule once.
struct ModelLRU {
    struct Page {
        let node: Int
        let weight: Int
        var isListed = false
        var isActive = false
        var isUnevictable = false
        var isReferenced = false
        var isLazyFree = false
        var isRemoved = false
        var pins = 0
    }

    private(set) var pages: [Page] = []
    private(set) var lists: [Contents]
    private var batches: [Move: [(page: Int, isNew: Bool)]] = [:]
    private let heavyWeight: Int
    var unbatchedDepth = 0

    init(nodes: Int, heavyWeight: Int) {
        lists = Array(repeating: Contents(), count: nodes)
        self.heavyWeight = heavyWeight
    }

    mutating func addPage(node: Int, weight: Int) -> Int {
        pages.append(Page(node: node, weight: weight))
        return pages.count - 1
    }

    // MARK: What a client asks for

    mutating func put(_ page: Int, _ move: Move, isNew: Bool = false) {
        batches[move, default: []].append((page, isNew))
        let isFull = batches[move, default: []].count == 31
        if isFull || pages[page].weight >= heavyWeight || unbatchedDepth > 0 { empty(move) }
    }

    mutating func markAccessed(_ page: Int) {
        guard pages[page].isReferenced else { return pages[page].isReferenced = true }
        guard !pages[page].isActive, !pages[page].isUnevictable else { return }
        activate(page)
        pages[page].isReferenced = false
    }

    mutating func activate(_ page: Int) {
        guard !pages[page].isActive, !pages[page].isUnevictable else { return }
        if pages[page].isListed {
            put(page, .activate)
        } else if batches[.add, default: []].contains(where: { $0.page == page }) {
            pages[page].isActive = true
        }
    }

    mutating func deactivate(_ page: Int) {
        if pages[page].isActive && !pages[page].isUnevictable { put(page, .deactivate) }
    }

    mutating func deactivateFile(_ page: Int) {
        if !pages[page].isUnevictable { put(page, .deactivateFile) }
    }

    mutating func lazyFree(_ page: Int) {
        if !pages[page].isUnevictable && !pages[page].isLazyFree { put(page, .lazyFree) }
    }

    mutating func rotate(_ page: Int) {
        if pages[page].isListed && !pages[page].isUnevictable { put(page, .moveTail) }
    }

    mutating func pin(_ page: Int) {
        pages[page].pins += 1
        if pages[page].pins == 1 { put(page, .settle) }
    }

    mutating func pinNew(_ page: Int) {
        pages[page].pins += 1
        put(page, .settle, isNew: true)
    }

    mutating func unpin(_ page: Int) {
        pages[page].pins -= 1
        if pages[page].pins == 0 { put(page, .settle) }
    }

    mutating func remove(_ page: Int) {
        pages[page].isRemoved = true
        if pages[page].isListed { unlink(page) }
    }

    mutating func drain() {
        for move in [Move.add, .deactivateFile, .deactivate, .lazyFree, .activate, .moveTail, .settle] {
            empty(move)
        }
    }

    // MARK: What batches do

    private mutating func empty(_ move: Move) {
        let entries = batches[move, default: []]
        batches[move] = []
        for (page, isNew) in entries {
            switch isNew ? .addPinned : move {
            case .add, .addPinned:
                if !pages[page].isRemoved { relinkWherePinned(page) }
            case .settle:
                if pages[page].isListed && (pages[page].pins > 0) != pages[page].isUnevictable {
                    unlink(page)
                    pages[page].isUnevictable = false
                    relinkWherePinned(page)
                }
            default:
                if pages[page].isListed && !pages[page].isUnevictable { perform(move, page) }
            }
        }
    }

    private mutating func perform(_ move: Move, _ page: Int) {
        switch move {
        case .activate where !pages[page].isActive:
            unlink(page)
            pages[page].isActive = true
            pages[page].isLazyFree = false
            relink(page)
        case .deactivate where pages[page].isActive: makeInactive(page)
        case .lazyFree where !pages[page].isLazyFree:
            makeInactive(page)
            pages[page].isLazyFree = true
        case .deactivateFile, .moveTail:
            let wasReferenced = pages[page].isReferenced
            makeInactive(page)
            lists[pages[page].node].inactive.removeFirst()
            lists[pages[page].node].inactive.append(page)
            if move == .moveTail { pages[page].isReferenced = wasReferenced }
        default: break
        }
    }

    private mutating func makeInactive(_ page: Int) {
        unlink(page)
        pages[page].isActive = false
        pages[page].isReferenced = false
        relink(page)
    }

    private mutating func unlink(_ page: Int) {
        let node = pages[page].node
        lists[node].inactive.removeAll { $0 == page }
        lists[node].active.removeAll { $0 == page }
        lists[node].unevictable.removeAll { $0 == page }
        pages[page].isListed = false
    }

    /// Where the pins are looked at, and not only what is known of the page.
    private mutating func relinkWherePinned(_ page: Int) {
        if pages[page].pins > 0 { pages[page].isUnevictable = true }
        if pages[page].pins > 0 { pages[page].isActive = false }
        relink(page)
    }

    private mutating func relink(_ page: Int) {
        let node = pages[page].node
        if pages[page].isUnevictable {
            lists[node].unevictable.insert(page, at: 0)
        } else if pages[page].isActive {
            lists[node].active.insert(page, at: 0)
        } else {
            lists[node].inactive.insert(page, at: 0)
        }
        pages[page].isListed = true
    }
}

// MARK: - Reclaim

extension ModelLRU {
    mutating func isolate(_ wanted: Int, node: Int, _ secondChance: SecondChance) -> [Int] {
        var taken: [Int] = []
        for _ in 0..<4 * wanted {
            guard taken.count < wanted, let page = lists[node].inactive.last else { break }
            unlink(page)
            let isReferenced = pages[page].isReferenced
            if pages[page].pins == 0 && (!isReferenced || secondChance == .none) {
                taken.append(page)
                continue
            }
            if pages[page].pins == 0 {
                pages[page].isActive = secondChance == .activate
                pages[page].isReferenced = false
                pages[page].isLazyFree = false
            }
            relinkWherePinned(page)
        }
        return taken
    }

    mutating func putBack(_ page: Int) {
        if !pages[page].isRemoved { relinkWherePinned(page) }
    }

    mutating func deactivateOldest(_ wanted: Int, node: Int) -> Int {
        var moved = 0
        for _ in 0..<2 * wanted {
            guard moved < wanted, let page = lists[node].active.last else { break }
            unlink(page)
            if pages[page].pins == 0 {
                if !pages[page].isReferenced {
                    pages[page].isActive = false
                    moved += 1
                }
                pages[page].isReferenced = false
            }
            relinkWherePinned(page)
        }
        return moved
    }
}
