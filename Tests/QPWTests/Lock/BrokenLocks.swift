import CQPW
import Synchronization

@testable import QPW

// Locks that must be caught. A checker that passes these checks nothing.

/// No lock at all.
final class NoExclusion: Exclusion {
    private let slab = Slab(Machine.cpus)

    var cpus: [CPU] { slab.cpus }

    func own(_ body: (Ledger) -> Void) { body(slab.ledger(slab.here())) }

    func tryOwn(_ body: (Ledger) -> Void) -> Bool {
        body(slab.ledger(slab.here()))
        return true
    }

    func remote(_ cpu: CPU, _ body: @escaping @Sendable (Ledger) -> Void) { body(slab.ledger(cpu)) }

    func booked() -> Int { slab.booked() }
}

/// Looks whether the slot is free and then takes it: two instructions where it should be one.
final class TestAndSet: Exclusion {
    private let slab = Slab(Machine.cpus)

    var cpus: [CPU] { slab.cpus }

    private func owner(_ cpu: CPU) -> UnsafeMutablePointer<Atomic<UInt32>> {
        slab.slot(cpu).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    private func attempt(_ cpu: CPU, _ body: (Ledger) -> Void) -> Bool {
        guard owner(cpu).pointee.load(ordering: .acquiring) == 0 else { return false }
        // Others get in here: where threads share one CPU they would seldom do so by themselves.
        yieldThread()
        owner(cpu).pointee.store(1, ordering: .relaxed)
        body(slab.ledger(cpu))
        owner(cpu).pointee.store(0, ordering: .releasing)
        return true
    }

    private func wait(_ cpu: () -> CPU, _ body: (Ledger) -> Void) {
        var backoff = Backoff()
        while !attempt(cpu(), body) { backoff.pause { System.sleep(nanoseconds: $0) } }
    }

    func own(_ body: (Ledger) -> Void) { wait(slab.here, body) }

    func tryOwn(_ body: (Ledger) -> Void) -> Bool { attempt(slab.here(), body) }

    func remote(_ cpu: CPU, _ body: @escaping @Sendable (Ledger) -> Void) { wait({ cpu }, body) }

    func booked() -> Int { slab.booked() }
}

#if os(Linux) && !QPW_PORTABLE
/// `.fence` in its simplest form, on a slab of its own: with its membarrier it excludes, without it must be caught.
final class RawFence: Exclusion {
    private let slab = Slab(Machine.cpus)
    private let hasFence: Bool

    init(fence: Bool) {
        hasFence = fence
        // Registers the process, without which the kernel refuses.
        _ = Capabilities.system
    }

    var cpus: [CPU] { slab.cpus }

    func tryOwn(_ body: (Ledger) -> Void) -> Bool {
        guard let slot = qpw_rseq_acquire(slab.base, UInt64(Slab.stride), UInt32(slab.count)) else {
            return false
        }
        body(Slab.ledger(at: slot))
        Slot(slot).owner.pointee.store(0, ordering: .releasing)
        return true
    }

    func own(_ body: (Ledger) -> Void) {
        var backoff = Backoff()
        while !tryOwn(body) { backoff.pause { System.sleep(nanoseconds: $0) } }
    }

    func remote(_ cpu: CPU, _ body: @escaping @Sendable (Ledger) -> Void) {
        let slot = Slot(slab.slot(cpu))
        slot.claim.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        if hasFence { precondition(qpw_membarrier_cpu(Int32(cpu.id)) == 0) }
        var backoff = Backoff()
        while !slot.owner.pointee.compareExchange(expected: 0, desired: 2, ordering: .acquiring).exchanged {
            backoff.pause { System.sleep(nanoseconds: $0) }
        }
        body(slab.ledger(cpu))
        slot.owner.pointee.store(0, ordering: .releasing)
        slot.claim.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    func booked() -> Int { slab.booked() }
}
#endif
