import Synchronization

// Work that is left on a slot for whoever holds it next.
//
// A caller pushes a ticket and then sets `pending`. The holder, before it leaves, sees `pending`, clears it, and then takes
// the whole list. If a push comes between the two its ticket is taken now and `pending` remains set: the next holder
// finds an empty list. If it comes after, `pending` is set after it was cleared. So no ticket is on the list while
// `pending` is clear for longer than its pusher takes to set it.
extension SlotTable {
    func leaveWork(_ ticket: Ticket, on slot: Slot) {
        TicketList.push(ticket, on: slot.deferred.pointee)
        inject(.leaving)
        slot.pending.pointee.bitwiseOr(Pending.deferred, ordering: .acquiringAndReleasing)
    }

    /// Runs what was left, while the slot is held.
    func runDeferredWork(_ slot: Slot) {
        guard slot.pending.pointee.load(ordering: .relaxed) & Pending.deferred != 0 else { return }
        slot.pending.pointee.bitwiseAnd(~Pending.deferred, ordering: .acquiringAndReleasing)
        inject(.taking)
        for ticket in TicketList.takeAll(from: slot.deferred.pointee) { runHolding(slot, ticket) }
    }

    private func runHolding(_ slot: Slot, _ ticket: Ticket) {
        #if DEBUG
        didAcquire(slot)
        defer { willRelease(slot) }
        #endif
        ticket.run()
    }

    /// Drops tickets of queueings that were cancelled and that no holder took.
    func dropAbandonedWork(_ slot: Slot) {
        _ = TicketList.takeAll(from: slot.deferred.pointee)
    }
}
