import Synchronization

// Waiting for a slot's holder.
//
// An owner's release is one plain store and wakes nobody: to ask "does anybody wait?" after a store needs a full fence,
// which is what the fast path is there to avoid. (Nor can a membarrier by the waiter stand in for it: it reaches the CPU,
// and the holder may have migrated.) So whoever waits polls, with growing timed sleeps of at most a millisecond: nobody
// relies on a wake-up, and no wait outlasts the hold by more than that.
//
// A remote holder's release can afford a fence, and it is the one who may have been preempted for long, so it wakes: it
// stores `owner` and then exchanges `waiters`; a waiter sets `waiters` and then reads `owner`. Both operations on `waiters`
// are read-modify-write, so one comes first: either the exchange sees the waiter, or the waiter sees the slot free.
// Should the holder he saw be an owner after all, his sleep ends by its time-out.
extension SlotTable {
    /// One step of waiting for `slot` to become free.
    func pause(on slot: Slot, _ backoff: inout Backoff, until deadline: Int64? = nil) {
        backoff.pause { nanoseconds in
            slot.waiters.pointee.bitwiseOr(1, ordering: .sequentiallyConsistent)
            inject(.waiting)
            guard slot.owner.pointee.load(ordering: .sequentiallyConsistent) != Owner.free else { return }
            let limit = deadline.map { max(0, min(nanoseconds, $0 - MonotonicClock.now())) } ?? nanoseconds
            System.wait(on: UnsafeRawPointer(slot.waiters), expected: 1, nanoseconds: limit)
        }
    }

    func noteContention(_ slot: Slot) {
        slot.contended.pointee.wrappingAdd(1, ordering: .relaxed)
        assertUsable()
    }

    func wakeWaiters(_ slot: Slot) {
        if slot.waiters.pointee.exchange(0, ordering: .sequentiallyConsistent) != 0 {
            System.wakeAll(UnsafeRawPointer(slot.waiters))
        }
    }
}

extension Optional where Wrapped == Int64 {
    /// Whether there is a deadline and it has passed.
    var hasPassed: Bool { map { MonotonicClock.now() >= $0 } ?? false }
}
