import CQPW
import Synchronization

// The owner's way to its slot once the inlined attempt has failed: because the section was restarted, the slot is held or
// claimed, the thread has no restartable sequences, or the lock is of a kind that is never inlined.
extension SlotTable {
    /// Takes the slot of a CPU that this thread ran on a moment ago, waiting for it.
    @usableFromInline @inline(never)
    package func acquireLocalSlow() -> Slot {
        if inForce.local == .priorityInheriting { return acquireInheritingLocally() }
        if let slot = exchangeInSection() { return slot }
        var waiting = false
        var backoff = Backoff()
        while true {
            let (slot, outcome) = attemptLocal()
            if outcome == .taken { return slot }
            if !waiting { noteContention(slot) }
            waiting = true
            pause(on: slot, &backoff)
        }
    }

    /// Takes the slot if it is free now. Async-signal-safe in release builds.
    @usableFromInline @inline(never)
    package func tryAcquireLocalSlow() -> Slot? {
        if let slot = exchangeInSection() { return slot }
        let (slot, outcome) = attemptLocal()
        return outcome == .taken ? slot : nil
    }

    private enum Outcome {
        case taken, busy
    }

    private func attemptLocal() -> (Slot, Outcome) {
        switch inForce.local {
        case .rseq: attemptSection()
        case .atomic: attemptExchange()
        case .priorityInheriting: attemptInheriting()
        }
    }

    private func currentSlot() -> Slot {
        let cpu = System.currentCPU()
        guard cpu < count else { trapOnAbsent(CPU(cpu), "withLocal") }
        let slot = slot(of: CPU(cpu))
        if slot.owner.pointee.load(ordering: .relaxed) == Owner.absent { trapOnAbsent(CPU(cpu), "withLocal") }
        return slot
    }

    private func attemptExchange() -> (Slot, Outcome) {
        let slot = currentSlot()
        inject(.exchange)
        return (slot, exchangeOwner(slot, Owner.local) ? .taken : .busy)
    }

    /// Waits in the kernel, not by polling: the waiter's priority is what boosts the holder.
    private func acquireInheritingLocally() -> Slot {
        let slot = currentSlot()
        _ = acquireInheriting(slot, nil)
        return slot
    }

    private func attemptInheriting() -> (Slot, Outcome) {
        let slot = currentSlot()
        return (slot, exchangeOwner(slot, System.threadID()) ? .taken : .busy)
    }

    func exchangeOwner(_ slot: Slot, _ owner: UInt32) -> Bool {
        slot.owner.pointee.compareExchange(expected: Owner.free, desired: owner, ordering: .acquiring)
            .exchanged
    }

    #if os(Linux) && !QPW_PORTABLE
    /// A section that is restarted this often is being single-stepped, or the thread is not registered.
    static let sectionAttempts = 64

    private func attemptSection() -> (Slot, Outcome) {
        guard qpw_rseq_registered() else { return attemptFromOutside() }
        for _ in 0..<Self.sectionAttempts {
            let slot = currentSlot()
            switch runSection(slot) {
            case QPW_RSEQ_DONE: return (slot, .taken)
            case QPW_RSEQ_BUSY: return (slot, .busy)
            default: continue
            }
        }
        return attemptFromOutside()
    }

    #if QPW
    /// What a permanently claimed slot needs, at once: the inlined attempt has failed because of the claim.
    private func exchangeInSection() -> Slot? {
        guard inForce.local == .rseq else { return nil }
        return qpw_rseq_exchange(base, UInt64(stride), UInt32(count)).map { Slot($0) }
    }

    func runSection(_ slot: Slot) -> Int {
        let isClaimed = slot.claim.pointee.load(ordering: .relaxed) != 0
        inject(.section)
        let cpu = UInt32(slot.cpu.id)
        let result = Int(
            isClaimed ? qpw_rseq_acquire_claimed(slot.address, cpu) : qpw_rseq_acquire_on(slot.address, cpu))
        // Claimed since the look above: free for the taking all the same, at the next attempt.
        let isMerelyClaimed =
            result == QPW_RSEQ_BUSY && !isClaimed
            && slot.owner.pointee.load(ordering: .relaxed) == Owner.free
        return isMerelyClaimed ? QPW_RSEQ_ABORTED : result
    }

    /// Takes the slot as a remote caller would; the release undoes that.
    private func attemptFromOutside() -> (Slot, Outcome) {
        let slot = currentSlot()
        return (slot, claimAtOnce(slot) ? .taken : .busy)
    }
    #else
    private func exchangeInSection() -> Slot? { nil }

    func runSection(_ slot: Slot) -> Int {
        Int(qpw_rseq_acquire_on(slot.address, UInt32(slot.cpu.id)))
    }

    private func attemptFromOutside() -> (Slot, Outcome) {
        let slot = currentSlot()
        return (slot, exchangeAndFence(slot) ? .taken : .busy)
    }
    #endif
    #else
    private func attemptSection() -> (Slot, Outcome) { attemptExchange() }

    private func exchangeInSection() -> Slot? { nil }
    #endif
}
