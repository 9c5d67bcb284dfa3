import QPW
import Synchronization

extension PageLRU {
    var isBatchingDisabled: Bool { disabled.load(ordering: .relaxed) != 0 }

    /// Puts a new folio into this CPU's batch of additions, with the slot held unless it can be pushed.
    @usableFromInline @inline(never)
    func addWeighed(_ folio: Folio) {
        // Where nothing is too heavy the push was tried before: a cache, which begins here, has a limit.
        let mayBePushed = heavyWeight != .max && folio.weight < heavyWeight
        if mayBePushed && batches.slots.pushAtOnce(folio.address) { return }
        put(folio, .add)
    }

    /// Puts an entry into this CPU's batch for `move`, which takes over the reference that comes with it.
    @inline(__always)
    func put(_ folio: Folio, _ move: Move) {
        let isHeavy = folio.weight >= heavyWeight
        let dead = batches.slots.withLocal { banks, cpu in
            let batch = banks.current.batch(move.rawValue)
            batch.append(NodeLists.entry(folio))
            guard batch.isFull || isHeavy || isBatchingDisabled else {
                // A bank that holds something is marked: only the first of a batch can find it unmarked.
                if batch.count == 1 {
                    batches.slots.markDirty(cpu)
                    if move == .add { batch.admitPushes() }
                }
                return DeadFolios()
            }
            var dead = DeadFolios()
            moveNow(batch, move, .wait, in: batches, &banks, cpu, letting: &dead)
            return dead
        }
        if !dead.isEmpty { bury(dead) }
    }

    /// With the slot held, as in the kernel: whoever takes the slot next finds the folios on the lists. The CPU's mark is
    /// taken off afterwards: who finds none need not take the slot to know that. Additions that are many are pushed from the
    /// first on: the mark stays for them, and the empty batch tells drains that there is nothing yet.
    @inline(never)
    func moveNow(
        _ batch: FolioBatch, _ move: Move, _ patience: NodeLists.Patience, in slots: borrowing BatchedSlots,
        _ banks: inout CPUBanks, _ cpu: CPU, letting dead: inout DeadFolios
    ) {
        let wasFull = batch.isFull
        if wasFull {
            CPUBanks.count(banks.movedFull)
        } else if isBatchingDisabled {
            CPUBanks.count(banks.movedUnbatched)
        } else {
            CPUBanks.count(banks.movedHeavy)
        }
        nodes.empty(batch, move, patience, letting: &dead)
        inject(.moved)
        if wasFull && move == .add && slots.mayBeMarkedEmpty && !isBatchingDisabled { batch.admitPushes() }
        if slots.isIdle(banks.current) { slots.slots.unmark(cpu, .all) } else { slots.slots.markDirty(cpu) }
    }

    /// Moves all that a bank holds, in the order in which the kernel does.
    func moveAll(
        in bank: Bank, of slots: borrowing BatchedSlots, _ patience: NodeLists.Patience = .wait,
        letting dead: inout DeadFolios
    ) {
        for (index, move) in slots.moves.enumerated() {
            nodes.empty(bank.batch(index), move, patience, letting: &dead)
        }
    }
}
