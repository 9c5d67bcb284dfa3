public import QPW
import Synchronization

/// The folios that a CPU looked up last, 16 for each, so that looking one up again touches nothing that is shared.
///
/// So hot that its owner must not pay for those who empty it now and then: whatever the policy of the structures around
/// it, its slots are taken by the plain local lock, and who wants them emptied queues that to each CPU's worker, in a
/// work item and a mask of its own. Entries are hints and have references of their own; the client compares what it
/// gets with what it wanted.
///
/// Thread-safe. Kernel counterpart: `bh_lrus` (fs/buffer.c).
public final class LookupFront: Sendable {
    /// Entries of a CPU. Kernel counterpart: `BH_LRU_SIZE`.
    public static let capacity = 16

    private let slots: PerCPU<FrontSlot>
    private let memory: CPUMemory
    private let onRelease: @Sendable (Folio) -> Void
    private let gate = DrainGate()
    private let limbo = Limbo()

    /// Makes a front without entries.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - topology: which CPUs there are.
    ///   - onRelease: frees a folio to which nobody has a reference any more, on any thread.
    ///
    /// Costs 256 bytes for each CPU that uses it.
    public convenience init(
        _ name: String, topology: Topology = .system, onRelease: @escaping @Sendable (Folio) -> Void
    ) {
        self.init(name, measuredUnder: .queue, topology: topology, onRelease: onRelease)
    }

    /// Under another policy, to see what the exception is worth.
    package init(
        _ name: String, measuredUnder policy: QPWPolicy, topology: Topology = .system,
        onRelease: @escaping @Sendable (Folio) -> Void
    ) {
        let memory = CPUMemory(bytesPerCPU: 2 * 8 * Self.capacity, topology: topology, for: name)
        slots = PerCPU(name, policy: policy, topology: topology) { cpu in FrontSlot(memory[cpu]) }
        self.memory = memory
        self.onRelease = onRelease
    }

    deinit {
        slots.forEachUnshared { front, _ in limbo.push(front.removeAll()) }
        limbo.takeAll(onRelease)
    }

    /// The policy as this machine carries it out, and why.
    public var inForce: PolicyInForce { slots.inForce }
}

// MARK: - The owner

extension LookupFront {
    /// The folio that was last put in under `key` on this CPU, with a reference for the caller.
    ///
    /// Nil if it is not here, or was removed from its lists. Its entry moves to the front. Some ten nanoseconds, half
    /// of them the reference. Kernel counterpart: `lookup_bh_lru`.
    public func lookup(_ key: UInt) -> Folio? {
        let (folio, isStale) = slots.withLocal { front, _ in front.use(key) }
        guard let folio, isStale else { return folio }
        release(folio)
        return nil
    }

    /// Puts a folio in, before all others, with a reference of the front's own; the last of 16 leaves.
    ///
    /// The caller has a reference. Kernel counterpart: `bh_lru_install`.
    public func insert(_ key: UInt, _ folio: Folio) {
        folio.retain()
        let evicted = slots.withLocal { front, cpu in
            slots.markDirty(cpu)
            return front.insert(key, folio)
        }
        if let evicted { release(evicted) }
    }

    private func release(_ folio: Folio) {
        if folio.dropReference() { onRelease(folio) }
    }

    /// Lookups that found something, and those that did not.
    public var lookups: (hits: Int, misses: Int) {
        slots.snapshot(into: (0, 0)) { sum, front, _ in
            sum.hits += front.hits.load(ordering: .relaxed)
            sum.misses += front.misses.load(ordering: .relaxed)
        }
    }
}

// MARK: - Housekeeping

extension LookupFront {
    /// Empties all CPUs' fronts: what was put in before the call is there no more when it returns.
    ///
    /// Each CPU that has entries is visited by its worker. Blocks; must not be called while holding a slot. Kernel
    /// counterpart: `invalidate_bh_lrus` (fs/buffer.c).
    @available(*, noasync)
    public func invalidate() {
        gate.enter()
        slots.drain { front, _ in self.limbo.push(front.removeAll()) }
        gate.leave()
        limbo.takeAll(onRelease)
    }

    /// As ``invalidate()-()``, without blocking the thread.
    public func invalidate() async {
        await gate.enter()
        await slots.drain { front, _ in self.limbo.push(front.removeAll()) }
        gate.leave()
        limbo.takeAll(onRelease)
    }

    /// Empties the front of `cpu`, which may be offline. Kernel counterpart: `buffer_exit_cpu_dead` (fs/buffer.c).
    @available(*, noasync)
    public func invalidate(_ cpu: CPU) {
        gate.enter()
        if needsInvalidation(cpu) {
            slots.perform(on: cpu) { front in
                slots.unmark(cpu, .all)
                limbo.push(front.removeAll())
            }
        }
        gate.leave()
        limbo.takeAll(onRelease)
    }

    /// Whether `cpu` has entries. One load. Kernel counterpart: `has_bh_in_lru`.
    public func needsInvalidation(_ cpu: CPU) -> Bool { !slots.dirty(of: cpu).isEmpty }
}
