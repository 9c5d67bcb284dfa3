public import Synchronization

#if os(Linux) && !QPW_PORTABLE
public import CQPW
#else
import CQPW
#endif

/// The owner's fast path: what is inlined wherever a slot is taken.
///
/// It attempts the lock once, the way that costs least, and leaves everything else to the table. Its fields are copies of
/// the table's, so that no class instance is touched on the way.
@usableFromInline
package struct LocalAccess: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let count: UInt32
    /// The raw value of the table's `LocalLock`: one compare tells what to attempt.
    @usableFromInline let mode: UInt32
    /// The bound of sections that are attempted whatever the lock is: zero where they must not be, so that they fail at
    /// their first compare.
    @usableFromInline let sectionCount: UInt32
    /// The same for pushes and pops on a stack under an atomic lock.
    @usableFromInline let exchangeCount: UInt32
    @usableFromInline package let table: SlotTable

    @inlinable static var sections: UInt32 { LocalLock.rseq.rawValue }
    @inlinable static var exchange: UInt32 { LocalLock.atomic.rawValue }

    package init(_ table: SlotTable) {
        self.table = table
        base = table.base
        count = UInt32(table.count)
        sectionCount = table.inForce.local == .rseq ? count : 0
        // The address sanitizer must see who gets an object, and is told on the way through the slot.
        exchangeCount = table.inForce.local == .atomic && !qpw_address_sanitizer() ? count : 0
        mode = table.inForce.local.rawValue
    }

    /// Takes this CPU's slot, waiting for it. `stride` is the table's, as a constant of the call site.
    @inlinable @inline(__always)
    package func acquire(stride: Int) -> Slot {
        #if DEBUG
        table.willAcquire()
        #endif
        let slot = attempt(stride) ?? table.acquireLocalSlow()
        #if DEBUG
        table.didAcquire(slot)
        #endif
        return slot
    }

    /// Takes this CPU's slot if it is free.
    @inlinable @inline(__always)
    package func tryAcquire(stride: Int) -> Slot? {
        guard let slot = attempt(stride) ?? table.tryAcquireLocalSlow() else { return nil }
        #if DEBUG
        table.didAcquire(slot)
        #endif
        return slot
    }

    /// Leaves a slot that this thread holds.
    @inlinable @inline(__always)
    package func release(_ slot: Slot) {
        #if DEBUG
        table.willRelease(slot)
        #endif
        #if QPW
        // Looked at while holding: after the store the slot, and what is pending on it, are another's.
        if _slowPath(slot.pending.pointee.load(ordering: .relaxed) != 0) { return table.release(slot) }
        #endif
        inject(.release)
        slot.owner.pointee.store(0, ordering: .releasing)
    }

    /// Leaves a slot that this thread took by ``tryAcquire(stride:)``, and what is pending on it to the next holder.
    @inlinable @inline(__always)
    package func releaseLeavingWork(_ slot: Slot) {
        #if DEBUG
        table.willRelease(slot)
        #endif
        #if QPW
        let pending = slot.pending.pointee.load(ordering: .relaxed)
        if _slowPath(pending & ~1 != 0) { return table.releaseLeavingWork(slot) }
        #endif
        inject(.release)
        slot.owner.pointee.store(0, ordering: .releasing)
    }

    @inlinable @inline(__always)
    func attempt(_ stride: Int) -> Slot? {
        #if os(Linux) && !QPW_PORTABLE
        #if QPW
        if mode == Self.sections { return qpw_rseq_acquire(base, UInt64(stride), count).map { Slot($0) } }
        if mode == Self.exchange { return attemptExchange(stride) }
        return nil
        #else
        return qpw_rseq_acquire_unclaimed(base, UInt64(stride), sectionCount).map { Slot($0) }
        #endif
        #else
        return nil
        #endif
    }

    #if os(Linux) && !QPW_PORTABLE && QPW
    @inlinable @inline(__always)
    func attemptExchange(_ stride: Int) -> Slot? {
        // Unsigned: a thread without a registration has a negative number, and no slot here.
        let cpu = UInt32(bitPattern: qpw_rseq_cpu())
        guard cpu < count else { return nil }
        let slot = Slot(base + Int(cpu) &* stride)
        inject(.exchange)
        return slot.owner.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
            ? slot : nil
    }
    #endif
}
