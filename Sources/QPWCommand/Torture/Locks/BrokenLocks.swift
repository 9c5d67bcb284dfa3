import CQPW
import QPW
import Synchronization

// Locks with a defect, each for `--busted`: the owner's, the housekeeper's, or both.

/// No lock at all.
final class NoExclusion: TorturedLock {
    private let slab: LedgerSlab
    let inForce: PolicyInForce

    init(_ policy: QPWPolicy) {
        let slots = PerCPU<Void>("unguarded", policy: policy) { _ in }
        slab = LedgerSlab(slots.cpus)
        inForce = slots.inForce
    }

    var cpus: [CPU] { slab.cpus }

    func own(_ bookkeeper: Bookkeeper) { bookkeeper.enter(slab.here) }

    func tryOwn(_ bookkeeper: Bookkeeper) -> Bool {
        bookkeeper.enter(slab.here)
        return true
    }

    func remote(_ cpu: CPU, _ bookkeeper: Bookkeeper) { bookkeeper.enter(slab[cpu]) }

    func booked() -> Int { slab.booked() }
}

/// The owner leaves its slot and then does its last store.
final class EarlyRelease: TorturedLock {
    private let slots: PerCPU<Void>
    private let slab: LedgerSlab

    init(_ policy: QPWPolicy) {
        slots = PerCPU("left too early", policy: policy) { _ in }
        slab = LedgerSlab(slots.cpus)
    }

    var inForce: PolicyInForce { slots.inForce }
    var cpus: [CPU] { slab.cpus }

    func own(_ bookkeeper: Bookkeeper) {
        let (ledger, value) = slots.withLocal { _, cpu in (slab[cpu], bookkeeper.begin(slab[cpu])) }
        bookkeeper.end(ledger, value)
    }

    func tryOwn(_ bookkeeper: Bookkeeper) -> Bool {
        let entered: Void? = slots.tryWithLocal { _, cpu in bookkeeper.enter(slab[cpu]) }
        return entered != nil
    }

    func remote(_ cpu: CPU, _ bookkeeper: Bookkeeper) {
        slots.perform(on: cpu) { _ in bookkeeper.enter(slab[cpu]) }
    }

    func booked() -> Int { slab.booked() }
}

#if os(Linux) && !QPW_PORTABLE
/// The housekeeper claims a slot and sends no membarrier: a section that had looked before commits all the same.
final class NoFence: TorturedLock {
    private let slots: PerCPU<Void>
    private let slab: LedgerSlab

    init(_ policy: QPWPolicy) {
        slots = PerCPU("unfenced", policy: policy) { _ in }
        slab = LedgerSlab(slots.cpus)
    }

    var inForce: PolicyInForce { slots.inForce }
    var cpus: [CPU] { slab.cpus }

    func own(_ bookkeeper: Bookkeeper) { slots.withLocal { _, cpu in bookkeeper.enter(slab[cpu]) } }

    func tryOwn(_ bookkeeper: Bookkeeper) -> Bool {
        let entered: Void? = slots.tryWithLocal { _, cpu in bookkeeper.enter(slab[cpu]) }
        return entered != nil
    }

    func remote(_ cpu: CPU, _ bookkeeper: Bookkeeper) {
        let slot = slots.table.slot(of: cpu)
        slot.claim.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        slot.takeByExchange()
        bookkeeper.enter(slab[cpu])
        slot.owner.pointee.store(QPW.Owner.free, ordering: .releasing)
        slot.claim.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    func booked() -> Int { slab.booked() }
}

/// The owner does not look whether its slot is claimed.
final class UncheckedClaim: TorturedLock {
    private let slots: PerCPU<Void>
    private let slab: LedgerSlab

    init(_ policy: QPWPolicy) {
        slots = PerCPU("unchecked", policy: policy) { _ in }
        slab = LedgerSlab(slots.cpus)
    }

    var inForce: PolicyInForce { slots.inForce }
    var cpus: [CPU] { slab.cpus }

    func own(_ bookkeeper: Bookkeeper) {
        var backoff = Backoff()
        while !tryOwn(bookkeeper) { backoff.pause { System.sleep(nanoseconds: $0) } }
    }

    func tryOwn(_ bookkeeper: Bookkeeper) -> Bool {
        let table = slots.table
        let taken = qpw_rseq_acquire_unclaimed(table.base, UInt64(table.stride), UInt32(table.count))
        guard let slot = taken.map({ Slot($0) }) else { return false }
        bookkeeper.enter(slab[slot.cpu])
        slot.owner.pointee.store(QPW.Owner.free, ordering: .releasing)
        return true
    }

    func remote(_ cpu: CPU, _ bookkeeper: Bookkeeper) {
        slots.perform(on: cpu) { _ in bookkeeper.enter(slab[cpu]) }
    }

    func booked() -> Int { slab.booked() }
}

extension Slot {
    fileprivate func takeByExchange() {
        var backoff = Backoff()
        let mine = QPW.Owner.remoteByThisThread()
        while !owner.pointee.compareExchange(expected: QPW.Owner.free, desired: mine, ordering: .acquiring)
            .exchanged
        {
            backoff.pause { System.sleep(nanoseconds: $0) }
        }
    }
}
#endif
