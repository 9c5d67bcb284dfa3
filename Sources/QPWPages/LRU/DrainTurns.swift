import QPW
import Synchronization

// generation | who has the gate | the gate | stored relaxed, then a full fence; loaded with acquire
// isComplete | who has the gate | the gate | relaxed
//
// A caller whose turn comes after somebody else's drain need not drain again, if that drain began to look at CPUs after the
// caller had come: then it has seen all that the caller must have on the lists. The generation tells. Let W be either store of
// an addition that happens before the call, of its batch's count or of the CPU's mark, by whoever set it; L the load of the
// generation below, S its store by the drainer, and R his look at the same word; a full fence X lies between W and L, and
// another, Y, between S and R. If L does not see S, then X comes before Y in the order of fences, so R sees W, or what a
// holder of the slot stored there since: the caller who finds the generation moved when his turn comes, from a value that he
// read before, has been served. If L does see S, the value that he compares with is the new one, and he is not content with
// that drain but does another.
//
// A drain that gave up before it had been everywhere serves nobody: who comes after it drains again.
//
// What goes wrong otherwise:
// - The generation is advanced after the look at the CPUs: a caller adds after the look, reads the old generation, waits for
//   the drain to end, sees the new one, and returns with his folio in a batch.
// - It is read with the gate held: nobody ever finds it moved, and eight callers drain eight times.
// - No fence X: the addition's mark or count may still be in the store buffer when the generation is read.

/// Whose turn it is to drain, and who finds that it was done for him.
///
/// Kernel counterpart: `lru_drain_gen` in `__lru_add_drain_all` (mm/swap.c).
struct DrainTurns: ~Copyable {
    private let generation = Atomic<UInt64>(0)
    private let shared = Atomic<Int>(0)
    /// Whether the last drain has been everywhere.
    private let isComplete = Atomic<Bool>(true)
    let gate = DrainGate()

    /// Drains that were done.
    var done: UInt64 { generation.load(ordering: .relaxed) }
    /// Callers for whom somebody else's drain was good enough.
    var coalesced: Int { shared.load(ordering: .relaxed) }

    /// Runs `drain`, unless a drain that began after this call makes it superfluous.
    ///
    /// `publish` brings the caller's own work into the open; it helps everybody who waits.
    func run(_ extent: DrainExtent, publish: () -> Void, drain: () -> Void) {
        let seen = arrive()
        publish()
        gate.enter()
        defer { gate.leave() }
        if beginDrain(extent, since: seen) { drain() }
    }

    /// As ``run(_:publish:drain:)``, without blocking the thread while it is somebody else's turn.
    func run(_ extent: DrainExtent, publish: () -> Void, drain: () async -> Void) async {
        let seen = arrive()
        publish()
        await gate.enter()
        defer { gate.leave() }
        if beginDrain(extent, since: seen) { await drain() }
    }

    /// As ``run(_:publish:drain:)``; false if it was not the caller's turn in time. `drain` tells whether it is complete.
    func run(until deadline: Int64, publish: () -> Void, drain: () -> Bool) -> Bool {
        let seen = arrive()
        publish()
        guard gate.enter(until: deadline) else { return false }
        defer { gate.leave() }
        if beginDrain(.needyCPUs, since: seen) { isComplete.store(drain(), ordering: .relaxed) }
        return isComplete.load(ordering: .relaxed)
    }

    private func arrive() -> UInt64 {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        let seen = generation.load(ordering: .acquiring)
        inject(.arrived)
        return seen
    }

    /// With the gate held: false if the generation has moved since the caller came. Else it is advanced, before any CPU is
    /// looked at.
    private func beginDrain(_ extent: DrainExtent, since seen: UInt64) -> Bool {
        let now = generation.load(ordering: .relaxed)
        if now != seen && extent == .needyCPUs && isComplete.load(ordering: .relaxed) {
            shared.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        isComplete.store(true, ordering: .relaxed)
        generation.store(now + 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        inject(.advanced)
        return true
    }
}

/// Which CPUs a drain visits.
public enum DrainExtent: Sendable {
    /// Those that have something, and none at all if another drain has just done so.
    case needyCPUs
    /// All, taking every slot: what was begun before has ended then. Kernel counterpart: `force_all_cpus`.
    case everyCPU
}
