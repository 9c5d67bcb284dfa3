public import QPW
import Synchronization

/// Which folios were used lately, and which are to be evicted next, kept cheaply by many CPUs.
///
/// The lists are shared and locked. What is done to them is first collected on each CPU in *batches* of 31 folios, and done
/// for a batch at a time, so that the lists' lock is taken once for some thirty updates. A housekeeper who needs the lists
/// to be right (`drainAll(_:)`) moves everybody's batches; what that costs the CPUs is the policy's business.
///
/// ```swift
/// let lru = PageLRU("blocks") { folio in folio.deallocate() }
/// let folio = Folio.allocate(payloadBytes: 4096, node: lru.localNode)!
/// lru.add(folio)                                   // a few nanoseconds: it is in this CPU's batch
/// lru.markAccessed(folio); lru.markAccessed(folio) // used twice: for the active list
/// lru.drainAll()                                   // now it is there
/// lru.remove(folio)                                // off the lists, and the lists' reference dropped
/// lru.release(folio)                               // the client's own: the last, and so it is freed
/// ```
///
/// Batches are late news: a folio may be removed, evicted or pinned while it sits in some, and what they want is then not
/// done. A housekeeper works on what he has taken while its owner goes on, so hints about one folio may be applied in another
/// order than they were given. Pins, removals and additions are exact.
///
/// Thread-safe. Only ``rotate(_:)`` is made for signal handlers. No function here may be called while
/// holding a slot of another structure. Locks are taken in this order: slot, list lock; `onRelease` is called with none held.
/// Kernel counterpart: mm/swap.c, with `struct cpu_fbatches`.
public final class PageLRU: Sendable {
    /// What messages call it.
    public let name: String
    /// Folios of this weight or more are never kept waiting in a batch. Kernel counterpart: `folio_test_large`.
    public let heavyWeight: Int
    /// Recently looked up folios, a few for each CPU.
    public let front: LookupFront

    let nodes: NodeLists
    let batches: BatchedSlots
    /// The batches of additions, for who need not look what a folio weighs.
    @usableFromInline let additions: StackAccess
    /// What a signal handler may reach, under the lock that blocks signals.
    let tails: BatchedSlots
    let pinned: BatchedSlots
    let turns = DrainTurns()
    let counters = DrainCounters()
    let limbo = Limbo()
    /// How often batching was disabled and not enabled again.
    let disabled = Atomic<Int>(0)
    private let onRelease: @Sendable (Folio) -> Void

    /// Makes lists that are empty.
    ///
    /// - Parameters:
    ///   - name: what messages call them.
    ///   - policy: who drains a CPU's batches; nil for the process default.
    ///   - topology: which CPUs and nodes there are.
    ///   - heavyWeight: what is not kept waiting; by default nothing is too heavy.
    ///   - onRelease: frees a folio to which nobody has a reference any more, on any thread. No slot and no list lock is held, but
    ///     the thread may be in the midst of a drain, which others wait for: the closure must not drain these lists nor
    ///     disable their batching, which would wait for that drain for ever, nor wait for a thread that does, nor take long. It
    ///     may add, remove and release folios.
    ///
    /// Costs some 4 KiB of address space for each CPU id up to the highest, and memory for those that use it.
    public init(
        _ name: String, policy: QPWPolicy? = nil, topology: Topology = .system, heavyWeight: Int = .max,
        onRelease: @escaping @Sendable (Folio) -> Void
    ) {
        self.name = name
        self.heavyWeight = heavyWeight
        self.onRelease = onRelease
        nodes = NodeLists(topology)
        batches = BatchedSlots(
            name, policy: policy, topology: topology,
            moves: [.add, .deactivateFile, .deactivate, .lazyFree, .activate])
        let additions = batches.slots.stackAccess
        self.additions = heavyWeight == .max ? additions : additions.closed
        tails = BatchedSlots(
            name + " tails", policy: Self.policyOfTails(policy), topology: topology, moves: [.moveTail])
        pinned = BatchedSlots(name + " pins", policy: policy, topology: topology, moves: [.settle])
        front = LookupFront(name + " front", topology: topology, onRelease: onRelease)
    }

    /// Lets all folios go that are still on the lists or in batches.
    deinit {
        moveUnshared(batches)
        moveUnshared(tails)
        moveUnshared(pinned)
        for node in 0..<nodes.count { releaseLists(of: nodes[node]) }
        freeLimbo()
    }

    /// Where two system calls come first, an atomic instruction more does not matter; and what a handler may hold up is not
    /// left to owners who may never come by.
    private static func policyOfTails(_ policy: QPWPolicy?) -> QPWPolicy? {
        #if QPW
        if case .deferred = policy ?? .default { return .lock }
        #endif
        return policy
    }

    /// How many nodes have lists of their own: at least 1.
    public var nodeCount: Int { nodes.count }

    /// The index of the node of the CPU that the thread runs on: where a new folio's memory is near.
    public var localNode: Int { nodes.count == 1 ? 0 : nodes.node(of: .current) }

    /// The policy as this machine carries it out, and why.
    public var inForce: PolicyInForce { batches.slots.inForce }
}

// MARK: - References

extension PageLRU {
    /// Drops a reference, and has the folio freed if it was the last.
    ///
    /// One atomic subtraction. Kernel counterpart: `folio_put`.
    public func release(_ folio: Folio) {
        if folio.dropReference() { onRelease(folio) }
    }

    /// Frees what was let go under a lock; no lock is held now.
    func bury(_ dead: consuming DeadFolios) {
        while let folio = dead.pop() { onRelease(folio) }
    }

    func freeLimbo() { limbo.takeAll(onRelease) }

    private func moveUnshared(_ slots: borrowing BatchedSlots) {
        var dead = DeadFolios()
        slots.slots.forEachUnshared { banks, cpu in
            if slots.needsDrain(cpu, .needyCPUs) { moveAll(in: banks.current, of: slots, letting: &dead) }
        }
        bury(dead)
    }

    private func releaseLists(of vector: LRUVector) {
        var dead = DeadFolios()
        vector.withLock { held in
            while let folio = held.any {
                held.unlink(folio)
                dead.drop(folio)
            }
        }
        bury(dead)
    }
}
