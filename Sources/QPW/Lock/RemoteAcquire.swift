import CQPW
import Synchronization

// Taking the slot of a CPU that the caller names: what housekeepers do, workers, and owners on behalf of others.
extension SlotTable {
    /// Takes the slot of `cpu` from wherever the caller runs; false if `deadline` came first.
    package func acquire(_ slot: Slot, deadline: Int64? = nil) -> Bool {
        assertUsable()
        let isTaken =
            switch inForce.local {
            case .rseq: acquireOrClaim(slot, deadline)
            case .atomic: waitForExchange(slot, deadline)
            case .priorityInheriting: acquireInheriting(slot, deadline)
            }
        if isTaken { noteHoldBegins(slot) }
        return isTaken
    }

    /// Takes the slot of `cpu` if it is free now.
    package func tryAcquire(_ slot: Slot) -> Bool {
        let isTaken =
            switch inForce.local {
            case .rseq: tryAcquireOrClaim(slot)
            case .atomic: exchangeOwner(slot, Owner.remoteByThisThread())
            case .priorityInheriting: exchangeOwner(slot, System.threadID())
            }
        if isTaken { noteHoldBegins(slot) }
        return isTaken
    }

    /// Ends a hold however it was taken, running first what was left on the slot.
    @usableFromInline @inline(never)
    package func release(_ slot: Slot) {
        #if QPW
        runDeferredWork(slot)
        #endif
        releaseHold(slot)
    }

    /// Ends a hold however it was taken; what was left on the slot waits for the next holder.
    @usableFromInline @inline(never)
    package func releaseLeavingWork(_ slot: Slot) { releaseHold(slot) }

    private func releaseHold(_ slot: Slot) {
        noteLongestHold(slot)
        let owner = slot.owner.pointee.load(ordering: .relaxed)
        if inForce.local == .priorityInheriting {
            releaseInheriting(slot)
        } else if owner & Owner.remote != 0 {
            endRemoteHold(slot)
        } else {
            slot.owner.pointee.store(Owner.free, ordering: .releasing)
        }
    }

    /// Polls until the exchange succeeds; false, with nothing taken, if `deadline` came first.
    private func waitForExchange(_ slot: Slot, _ deadline: Int64?) -> Bool {
        let owner = Owner.remoteByThisThread()
        return poll(slot, deadline) { exchangeOwner(slot, owner) }
    }

    private func poll(_ slot: Slot, _ deadline: Int64?, until takes: () -> Bool) -> Bool {
        if takes() { return true }
        noteContention(slot)
        var backoff = Backoff()
        while !takes() {
            if deadline.hasPassed { return false }
            pause(on: slot, &backoff, until: deadline)
        }
        return true
    }

    /// Only of a hold from elsewhere, or by a worker: who runs on the CPU is its owner, though he took the slot by name.
    private func noteHoldBegins(_ slot: Slot) {
        let isRemote = slot.cpu.isRemote || WorkerIdentity.isWorker
        slot.heldSince.pointee = isRemote ? qpw_cycles() : 0
    }

    private func noteLongestHold(_ slot: Slot) {
        guard slot.heldSince.pointee != 0 else { return }
        let held = qpw_cycles() &- slot.heldSince.pointee
        slot.heldSince.pointee = 0
        if held > slot.longestHold.pointee.load(ordering: .relaxed) {
            slot.longestHold.pointee.store(held, ordering: .relaxed)
        }
    }
}

#if !(os(Linux) && !QPW_PORTABLE)
extension SlotTable {
    private func acquireOrClaim(_ slot: Slot, _ deadline: Int64?) -> Bool { waitForExchange(slot, deadline) }

    private func tryAcquireOrClaim(_ slot: Slot) -> Bool { exchangeOwner(slot, Owner.remoteByThisThread()) }

    private func endRemoteHold(_ slot: Slot) {
        slot.owner.pointee.store(Owner.free, ordering: .releasing)
        wakeWaiters(slot)
    }
}
#elseif QPW
extension SlotTable {
    private func acquireOrClaim(_ slot: Slot, _ deadline: Int64?) -> Bool {
        if isOnCPU(of: slot), let isTaken = takeAsOwner(slot, deadline) { return isTaken }
        if let isolation, isolation.isDue() { followIsolation() }
        guard enterClaim(slot, deadline) else { return false }
        guard waitForExchange(slot, deadline) else {
            leaveClaim(slot)
            return false
        }
        beginRemoteHold(slot)
        return true
    }

    private func tryAcquireOrClaim(_ slot: Slot) -> Bool {
        if isOnCPU(of: slot) && runSection(slot) == QPW_RSEQ_DONE { return true }
        if slot.owner.pointee.load(ordering: .relaxed) != Owner.free { return false }
        return claimAtOnce(slot)
    }

    /// On the slot's own CPU no membarrier is needed; nil once the thread has left it.
    private func takeAsOwner(_ slot: Slot, _ deadline: Int64?) -> Bool? {
        var backoff = Backoff()
        var restarts = 0
        var hasWaited = false
        while restarts < Self.sectionAttempts && isOnCPU(of: slot) {
            switch runSection(slot) {
            case QPW_RSEQ_DONE: return true
            case QPW_RSEQ_BUSY:
                if !hasWaited { noteContention(slot) }
                hasWaited = true
                if deadline.hasPassed { return false }
                pause(on: slot, &backoff, until: deadline)
            default: restarts += 1
            }
        }
        return nil
    }

    private func isOnCPU(of slot: Slot) -> Bool {
        qpw_rseq_registered() && Int(qpw_rseq_cpu()) == slot.cpu.id
    }

    /// Sees to it that the release undoes the claim, even through an owner's inlined release.
    func beginRemoteHold(_ slot: Slot) {
        inject(.holding)
        slot.pending.pointee.bitwiseOr(Pending.claimedHold, ordering: .relaxed)
    }

    /// Takes the slot as a remote caller, without waiting for anybody.
    func claimAtOnce(_ slot: Slot) -> Bool {
        guard tryEnterClaim(slot) else { return false }
        guard exchangeOwner(slot, Owner.remoteByThisThread()) else {
            leaveClaim(slot)
            return false
        }
        beginRemoteHold(slot)
        return true
    }

    private func endRemoteHold(_ slot: Slot) {
        let isClaimed = slot.pending.pointee.load(ordering: .relaxed) & Pending.claimedHold != 0
        if isClaimed { slot.pending.pointee.bitwiseAnd(~Pending.claimedHold, ordering: .relaxed) }
        inject(.unmarked)
        slot.owner.pointee.store(Owner.free, ordering: .releasing)
        inject(.released)
        if isClaimed { leaveClaim(slot) }
        wakeWaiters(slot)
    }
}
#else
// Without the trait there is no claim word in the fast path, and a slot is taken from elsewhere only when its worker cannot
// reach its CPU. Then: exchange `owner` from 0 to a value of one's own, membarrier, look again. A section that had read 0
// either committed over it before the membarrier, and the look shows another value, or was restarted by it, and reads ours.
extension SlotTable {
    private func acquireOrClaim(_ slot: Slot, _ deadline: Int64?) -> Bool {
        poll(slot, deadline) { exchangeAndFence(slot) }
    }

    private func tryAcquireOrClaim(_ slot: Slot) -> Bool { exchangeAndFence(slot) }

    func exchangeAndFence(_ slot: Slot) -> Bool {
        let owner = Owner.remoteByThisThread()
        guard exchangeOwner(slot, owner) else { return false }
        restartSections(on: slot)
        return slot.owner.pointee.load(ordering: .sequentiallyConsistent) == owner
    }

    private func endRemoteHold(_ slot: Slot) {
        slot.owner.pointee.store(Owner.free, ordering: .releasing)
        wakeWaiters(slot)
    }
}
#endif
