import QPW

/// The lists of all nodes, and the way of a batch to them.
struct NodeLists: ~Copyable, @unchecked Sendable {
    /// What to do about a list lock that somebody holds.
    enum Patience {
        /// Wait: it is held for microseconds.
        case wait
        /// Leave the folios in the batch: the holder may be what this thread's signal handler interrupted.
        case leave
    }

    private enum Tag {
        /// The entry's folio is new, and the lists take over the entry's reference.
        static let new: UInt = 1
        /// The entry was dealt with; its reference is to be dropped.
        static let done: UInt = 8
        static let mask: UInt = 15
    }

    private let vectors: UnsafeMutablePointer<LRUVector>
    let count: Int
    private let nodeOfCPU: [UInt16]

    init(_ topology: Topology) {
        let populated = topology.nodes.filter { !$0.cpus.isEmpty }
        count = max(1, populated.count)
        vectors = .allocate(capacity: count)
        for node in 0..<count { (vectors + node).initialize(to: LRUVector()) }
        var nodeOfCPU = [UInt16](repeating: 0, count: topology.slotCount)
        for (index, node) in populated.enumerated() {
            for cpu in node.cpus where cpu.id < nodeOfCPU.count { nodeOfCPU[cpu.id] = UInt16(index) }
        }
        self.nodeOfCPU = nodeOfCPU
    }

    deinit {
        for node in 0..<count { vectors[node].destroy() }
        vectors.deallocate()
    }

    subscript(node: Int) -> LRUVector {
        precondition(node < count, "QPW: there is no such node")
        return vectors[node]
    }

    /// The index of a CPU's node: 0, 1, 2, …, whatever ids the system gives them.
    func node(of cpu: CPU) -> Int { cpu.id < nodeOfCPU.count ? Int(nodeOfCPU[cpu.id]) : 0 }

    /// The folio's address, which is also what is pushed.
    static func entry(_ folio: Folio) -> UInt { UInt(bitPattern: folio.address) }

    /// An entry of a folio that is to go straight to the list of the pinned.
    static func newEntry(_ folio: Folio) -> UInt { entry(folio) | Tag.new }

    /// Does with a batch's folios what the batch is for, a list lock once for all of them, and drops its references. Pushes
    /// are not admitted any more, even if it was empty.
    ///
    /// The caller holds the batch's slot, or has detached its bank. Kernel counterpart: `folio_batch_move_lru` (mm/swap.c),
    /// `mlock_folio_batch` (mm/mlock.c).
    func empty(
        _ batch: FolioBatch, _ move: Move, _ patience: Patience = .wait, letting dead: inout DeadFolios
    ) {
        guard !batch.isEmpty else { return batch.refusePushes() }
        for node in 0..<count where count == 1 || contains(batch, folioOf: node) {
            switch patience {
            case .wait: vectors[node].withLock { perform(move, on: batch, of: node, &$0) }
            case .leave: _ = vectors[node].tryWithLock { perform(move, on: batch, of: node, &$0) }
            }
        }
        dropDone(batch, &dead)
    }

    /// Waits until each list lock that is held now was left, for who must not wait for it where he needs it.
    func awaitLocks() {
        for node in 0..<count { vectors[node].withLock { _ in } }
    }

    private func contains(_ batch: FolioBatch, folioOf node: Int) -> Bool {
        (0..<batch.count).contains { batch[$0] != 0 && folio(batch[$0]).node == node }
    }

    private func perform(_ move: Move, on batch: FolioBatch, of node: Int, _ held: inout LRUVector.Held) {
        var done = 0
        for index in 0..<batch.count {
            let entry = batch[index]
            // Zero: taken over by the lists of another node.
            guard entry != 0 else { continue }
            let folio = folio(entry)
            guard folio.node == node else { continue }
            let isTakenOver = held.perform(entry & Tag.new == 0 ? move : .addPinned, on: folio)
            batch[index] = isTakenOver ? 0 : entry | Tag.done
            done &+= 1
        }
        held.noteUpdates(done)
    }

    /// Leaves in the batch what was not dealt with. In one store: a batch that is found empty has nothing left.
    private func dropDone(_ batch: FolioBatch, _ dead: inout DeadFolios) {
        var left = 0
        for index in 0..<batch.count {
            let entry = batch[index]
            if entry & Tag.done != 0 {
                dead.drop(folio(entry))
            } else if entry != 0 {
                batch[left] = entry
                left &+= 1
            }
        }
        batch.truncate(to: left)
    }

    private func folio(_ entry: UInt) -> Folio {
        guard let address = UnsafeMutableRawPointer(bitPattern: entry & ~Tag.mask) else {
            trap("an entry of a batch names no folio")
        }
        return Folio(at: address)
    }
}
