import QPW
import Synchronization

// field     | who writes                        | under                     | memory order
// ----------|-----------------------------------|---------------------------|---------------------------------------
// table     | who grows or empties it           | all stripes               | store release; readers load acquire
// used      | inserts (before they publish),    | nothing                   | relaxed read-modify-write
//           | whoever takes an entry out        |                           |
// age       | evictions                         | nothing                   | relaxed read-modify-write
// agingLooks| inserts add, evictions take       | nothing                   | relaxed read-modify-write
// departures| whoever takes an entry out        | nothing                   | relaxed read-modify-write
//
// An entry's references: one of the table's, one of the LRU lists'; batches and pins have their own. Who takes its word out
// of its slot, under the stripe's lock, has the table's, and nobody else does so for the same word: so it departs once.
//
// Locks: stripe -> the mutex of the loads under way; list locks, the reaper's and the listener are only taken with no stripe locked.

/// All of a cache that does not depend on the types of its keys and values.
@usableFromInline
final class CacheCore: Sendable {
    /// The word of the table that readers use, on a line that is otherwise not written.
    @usableFromInline let table: TableWord
    let capacity: Int
    let name: String
    let lru: PageLRU
    let reaper: Reaper
    let memory: EntryMemory
    let stripes: Stripes
    let used = Atomic<Int>(0)
    let age = Atomic<Int>(0)
    /// How many active entries evictions are to look at for refaults that found the active list full.
    let agingLooks = Atomic<Int>(0)
    let departures: DepartureCounters
    /// What an eviction frees beyond what it must, so that the next inserts need none.
    let slack: Int
    let inactiveTarget: Int
    /// What the active list may weigh for a refault to go there at once.
    let activeLimit: Int
    /// As how old, in weight evicted since, a ghost still counts.
    let refaultLimit: Int
    /// A 1024th of the capacity: what ages of ghosts are counted in.
    let ageUnit: Int
    /// Is told of what left, by whoever took it out; no lock is held.
    let listener: (@Sendable (Folio, Removal) -> Void)?

    /// With a batch of additions for each 31 of them, that makes 26 insertions for each time that a list's lock is taken.
    static let victimsAtOnce = 192
    static let looksPerRefault = 2
    /// Weights are added up: a few of this still fit into a word.
    static let mostCapacity = 1 << 48
    /// How long an insertion waits for the batches of others.
    static let patience = Duration.milliseconds(20)

    init(
        name: String, capacity: Int, expectedEntries: Int, policy: QPWPolicy?, topology: Topology,
        rcu: RCUDomain,
        memory: EntryMemory, listener: (@Sendable (Folio, Removal) -> Void)?,
        destroy: @escaping @Sendable (Folio) -> Void
    ) {
        precondition(
            1...Self.mostCapacity ~= capacity,
            "'\(name)': a cache has a capacity of 1 to 2^48, not \(capacity)")
        self.name = name
        self.capacity = capacity
        self.memory = memory
        self.listener = listener
        departures = DepartureCounters()
        slack = min(capacity / 64, Self.victimsAtOnce)
        inactiveTarget = max(1, capacity / 100)
        activeLimit = capacity - inactiveTarget - max(1, 2 * slack)
        refaultLimit = capacity + capacity / 2
        ageUnit = max(1, capacity / 1024)
        let reaper = Reaper(rcu, memory, destroy: destroy)
        self.reaper = reaper
        lru = PageLRU(
            name, policy: policy, topology: topology,
            heavyWeight: max(1, capacity / (4 * 31 * topology.possible.count))
        ) { folio in
            var chain = FolioChain()
            chain.push(folio)
            reaper.retire(chain)
        }
        stripes = Stripes(bits: capacity >= 1024 ? 6 : 3)
        table = TableWord(CacheTable.allocate(for: expectedEntries, stripeBits: stripes.bits, name: name))
    }

    /// Nobody uses the cache any more, so nobody reads: everything is freed at once.
    deinit {
        reaper.close()
        let table = self.table.current
        for index in 0..<table.lineCount {
            table.line(at: index).forEachSlot { slot in
                if let folio = CacheSlot.folio(in: slot.word) { lru.release(folio) }
                return true
            }
        }
        table.deallocate()
        self.table.deallocate()
    }

    var currentTable: CacheTable { table.current }

    func now() -> UInt16 { UInt16(truncatingIfNeeded: age.load(ordering: .relaxed) / ageUnit) }
}

/// How many entries left, by cause.
struct DepartureCounters: ~Copyable, @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<Int>>

    init() {
        words = .allocate(capacity: Removal.allCases.count)
        for index in 0..<Removal.allCases.count { (words + index).initialize(to: Atomic(0)) }
    }

    deinit { words.deallocate() }

    func add(_ count: Int, _ cause: Removal) {
        words[cause.rawValue].wrappingAdd(count, ordering: .relaxed)
    }

    subscript(cause: Removal) -> Int { words[cause.rawValue].load(ordering: .relaxed) }
}
