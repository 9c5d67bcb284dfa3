import QPW
import Synchronization
import Testing

@testable import QPWPages

/// Sees to it that what was made is freed, and once.
final class Graveyard: Sendable {
    private let buried = Atomic<Int>(0)

    var count: Int { buried.load(ordering: .acquiring) }

    func bury(_ folio: Folio) {
        buried.wrappingAdd(1, ordering: .acquiringAndReleasing)
        folio.deallocate()
    }
}

/// An LRU whose folios are freed where they are counted.
struct Lists: Sendable {
    let lru: PageLRU
    let graveyard = Graveyard()

    init(
        _ policy: QPWPolicy = .queue, topology: Topology = .system, heavyWeight: Int = .max
    ) {
        lru = PageLRU("tested", policy: policy, topology: topology, heavyWeight: heavyWeight) {
            [graveyard] in graveyard.bury($0)
        }
    }

    func makeFolio(_ number: Int = 0, weight: Int = 1, node: Int = 0) -> Folio {
        guard let folio = Folio.allocate(payloadBytes: 16, weight: weight, node: node) else {
            fatalError("no memory for a folio")
        }
        folio.word = UInt(number)
        return folio
    }

    func addFolio(_ number: Int = 0, weight: Int = 1) -> Folio {
        let folio = makeFolio(number, weight: weight)
        lru.add(folio)
        return folio
    }

    /// Off the lists, and the client's reference dropped.
    func dispose(_ folios: [Folio]) {
        for folio in folios {
            lru.remove(folio)
            lru.release(folio)
        }
    }
}

/// The numbers of the folios on a node's lists, each from its head.
struct Contents: Equatable {
    var inactive: [Int] = []
    var active: [Int] = []
    var unevictable: [Int] = []

    init() {}

    init(_ lru: PageLRU, node: Int = 0) {
        self = lru.nodes[node].withLock { held in
            var contents = Contents()
            contents.inactive = Self.numbers(from: held.inactive.head)
            contents.active = Self.numbers(from: held.active.head)
            contents.unevictable = Self.numbers(from: held.unevictable.head)
            return contents
        }
    }

    private static func numbers(from head: Folio?) -> [Int] {
        sequence(first: head) { $0.map(\.next) }.prefix { $0 != nil }.compactMap { $0 }.map { Int($0.word) }
    }

    var all: [Int] { inactive + active + unevictable }
}
