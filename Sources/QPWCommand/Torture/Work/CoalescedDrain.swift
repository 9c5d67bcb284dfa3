import QPW
import Synchronization

// generation | who has the gate | the gate | stored relaxed, then a full fence; loaded with acquire behind one
// listed     | who has the gate | the gate | stored release
//
// The kernel's way to share a drain (lru_add_drain_all, mm/swap.c), over `PerCPU`: a caller who finds, when his turn comes,
// that the generation has moved since he came, was served by whoever moved it, since that one looked at the CPUs afterwards.

/// Batches of numbers on each CPU, and a drain that puts them on lists.
final class CoalescedDrain: Sendable {
    enum Advance: Sendable {
        /// As it must be: before the look at the CPUs.
        case early
        /// The defect.
        case late
    }

    struct Batch {
        var last = 0
        var isEmpty = true
    }

    private let slots: PerCPU<Batch>
    private let listed: [CPU: ListEnd]
    private let generation = Atomic<UInt64>(0)
    private let gate = Guarded(())
    private let advance: Advance

    /// Up to which number a CPU's additions are on its list.
    private final class ListEnd: Sendable {
        let number = Atomic<Int>(0)
    }

    init(_ policy: QPWPolicy, _ advance: Advance) {
        self.advance = advance
        slots = PerCPU("tortured batches", policy: policy) { _ in Batch() }
        listed = Dictionary(uniqueKeysWithValues: slots.cpus.map { ($0, ListEnd()) })
    }

    /// What was added, to be asked for after a drain.
    struct Addition: Sendable {
        let cpu: CPU
        let number: Int
    }

    func add() -> Addition {
        slots.withLocal { batch, cpu in
            batch.last += 1
            batch.isEmpty = false
            slots.markDirty(cpu)
            return Addition(cpu: cpu, number: batch.last)
        }
    }

    func isListed(_ addition: Addition) -> Bool {
        listed[addition.cpu]!.number.load(ordering: .acquiring) >= addition.number
    }

    /// Everything that was added before the call is on a list when it returns.
    func drainAll() {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        let seen = generation.load(ordering: .acquiring)
        gate.withLock { _ in
            if generation.load(ordering: .relaxed) != seen { return }
            if advance == .early { advanceGeneration() }
            moveAll()
            if advance == .late { advanceGeneration() }
        }
    }

    private func advanceGeneration() {
        generation.store(generation.load(ordering: .relaxed) + 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    private func moveAll() {
        slots.drain { batch, cpu in
            guard !batch.isEmpty else { return }
            batch.isEmpty = true
            self.listed[cpu]!.number.store(batch.last, ordering: .releasing)
        }
    }
}
