import QPW
import QPWPages
import Synchronization

// free    | who makes a folio, callbacks   | its mutex
// life    | who makes, buries, reclaims it | acquire-release: who buries is to be the only one
// pinners | who has pinned it              | read-modify-write
// evicts  | who evicts it                  | sequentially consistent, as the count of pins that it is compared with

/// What a torture keeps behind a folio's header.
struct FolioMarks: ~Copyable {
    let life = Atomic<Int>(0)
    /// Those whose pin has succeeded, and who have not begun to undo it.
    let pinners = Atomic<Int>(0)
    /// Raised by who evicts, while nobody can pin.
    let evicts = Atomic<Bool>(false)
}

extension Folio {
    var marks: UnsafeMutablePointer<FolioMarks> { payload.assumingMemoryBound(to: FolioMarks.self) }
}

/// Memory for a torture's folios, which sees one that is freed twice, or while it is pinned, or while somebody can reach it.
final class FolioArena: @unchecked Sendable {
    private enum Life {
        static let poisoned = 0
        static let alive = 1
        static let dead = 2
    }

    private static let stride = 128
    private static let capacity = 2048

    let domain = RCUDomain("tortured folios")
    private let findings: Findings
    private let memory: UnsafeMutableRawPointer
    private let free = Guarded(Array(0..<FolioArena.capacity))
    private let living = Atomic<Int>(0)

    init(_ findings: Findings) {
        self.findings = findings
        memory = .allocate(byteCount: Self.capacity * Self.stride, alignment: Self.stride)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.capacity * Self.stride)
    }

    deinit { memory.deallocate() }

    /// Those that were made and are not buried.
    var livingCount: Int { living.load(ordering: .acquiring) }

    /// Nil while all are in use.
    func make(_ word: UInt, weight: Int, node: Int) -> Folio? {
        guard let index = free.withLock({ $0.popLast() }) else { return nil }
        let folio = Folio(initializing: memory + index * Self.stride, weight: weight, node: node)
        folio.word = word
        folio.marks.initialize(to: FolioMarks())
        folio.marks.pointee.life.store(Life.alive, ordering: .releasing)
        living.wrappingAdd(1, ordering: .relaxed)
        return folio
    }

    /// Called when the last reference is gone: once.
    func bury(_ folio: Folio) {
        let former = folio.marks.pointee.life.exchange(Life.dead, ordering: .acquiringAndReleasing)
        if former != Life.alive { return findings.note(.freedTwice, on: .current) }
        if folio.marks.pointee.pinners.load(ordering: .relaxed) != 0 {
            findings.note(.evictedWhilePinned, on: .current)
        }
        living.wrappingSubtract(1, ordering: .releasing)
        domain.call { self.reclaim(folio) }
    }

    /// Whoever still follows the header's links comes to nowhere.
    private func reclaim(_ folio: Folio) {
        folio.marks.pointee.life.store(Life.poisoned, ordering: .relaxed)
        for word in 0..<2 {
            folio.address.storeBytes(of: UInt.max, toByteOffset: 8 * word, as: UInt.self)
        }
        let index = (folio.address - memory) / Self.stride
        free.withLock { $0.insert(index, at: 0) }
    }

    /// For who has a reference.
    func expectAlive(_ folio: Folio, by actor: Actor?) {
        if folio.marks.pointee.life.load(ordering: .relaxed) != Life.alive {
            findings.note(.reclaimedWhileRead, by: actor?.number, on: .current)
        }
    }

    /// For who is in a read section, in which the folio may be withdrawn and freed, but not used again.
    func expectReachable(_ folio: Folio, by actor: Actor) {
        if folio.marks.pointee.life.load(ordering: .relaxed) == Life.poisoned {
            findings.note(.reclaimedWhileRead, by: actor.number, on: .current)
        }
    }
}
