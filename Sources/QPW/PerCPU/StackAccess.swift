#if os(Linux) && !QPW_PORTABLE
public import CQPW
#if QPW
public import Synchronization
#endif
#endif

// Under an atomic lock: `owner` from 0 to 1 by compare-and-exchange, the stack, `owner` = 0 by a store, as any holder. The
// thread may be moved or preempted in between: then it holds the slot of the CPU where it was, and others wait, as for any
// holder. A signal handler that comes in between finds `owner` set, and goes elsewhere. What is pending on the slot is for
// who takes it to stay: the attempt fails, and he does.

/// The stacks of a structure that outlives this.
@frozen @usableFromInline
package struct StackAccess: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let stride: Int
    /// The bound of sections, and of exchanges: zero where they must not be attempted, so that they fail at once.
    @usableFromInline let sectionCount: UInt32
    @usableFromInline let exchangeCount: UInt32

    @inlinable
    init(base: UnsafeMutableRawPointer, stride: Int, sectionCount: UInt32, exchangeCount: UInt32) {
        self.base = base
        self.stride = stride
        self.sectionCount = sectionCount
        self.exchangeCount = exchangeCount
    }

    /// The same stacks, for who is to find none of them to be had: every attempt fails at once.
    package var closed: StackAccess {
        StackAccess(base: base, stride: stride, sectionCount: 0, exchangeCount: 0)
    }

    /// Whether no attempt can succeed: there is no lock here under which one would.
    package var isClosed: Bool { sectionCount == 0 && exchangeCount == 0 }

    /// As ``PerCPU/popAtOnce()``.
    @inlinable @inline(__always)
    package func popAtOnce() -> UnsafeMutableRawPointer? {
        #if os(Linux) && !QPW_PORTABLE
        if let top = qpw_rseq_pop(base, UInt64(truncatingIfNeeded: stride), sectionCount) { return top }
        #if QPW
        return popByExchange()
        #else
        return nil
        #endif
        #else
        return nil
        #endif
    }

    /// As ``PerCPU/pushAtOnce(_:)``.
    @inlinable @inline(__always)
    package func pushAtOnce(_ element: UnsafeMutableRawPointer) -> Bool {
        #if os(Linux) && !QPW_PORTABLE
        if qpw_rseq_push(base, UInt64(truncatingIfNeeded: stride), sectionCount, element) { return true }
        #if QPW
        return pushByExchange(element)
        #else
        return false
        #endif
        #else
        return false
        #endif
    }
}

#if os(Linux) && !QPW_PORTABLE && QPW
extension StackAccess {
    @inlinable @inline(__always)
    func popByExchange() -> UnsafeMutableRawPointer? {
        guard let slot = slotToExchange, slot.exchangeOwner() else { return nil }
        defer { slot.owner.pointee.store(0, ordering: .releasing) }
        return slot.hasNothingPending ? Self.pop(slot.stack) : nil
    }

    @inlinable @inline(__always)
    func pushByExchange(_ element: UnsafeMutableRawPointer) -> Bool {
        guard let slot = slotToExchange, slot.exchangeOwner() else { return false }
        defer { slot.owner.pointee.store(0, ordering: .releasing) }
        return slot.hasNothingPending && Self.push(element, on: slot.stack)
    }

    /// As ``popAtOnce()`` for a slot whose claim stands, as on an isolated CPU: its sections fail, and an exchange in a
    /// section takes it.
    package func popFromClaimed() -> UnsafeMutableRawPointer? {
        guard let slot = exchangeClaimed() else { return nil }
        defer { slot.owner.pointee.store(0, ordering: .releasing) }
        return slot.hasNothingPending ? Self.pop(slot.stack) : nil
    }

    /// As ``pushAtOnce(_:)`` for a slot whose claim stands.
    package func pushToClaimed(_ element: UnsafeMutableRawPointer) -> Bool {
        guard let slot = exchangeClaimed() else { return false }
        defer { slot.owner.pointee.store(0, ordering: .releasing) }
        return slot.hasNothingPending && Self.push(element, on: slot.stack)
    }

    private func exchangeClaimed() -> Slot? {
        let cpu = UInt32(bitPattern: qpw_rseq_cpu())
        guard cpu < sectionCount else { return nil }
        let claim = Slot(base + Int(cpu) &* stride).claim.pointee.load(ordering: .relaxed)
        guard claim & Claim.permanent != 0 else { return nil }
        return qpw_rseq_exchange(base, UInt64(truncatingIfNeeded: stride), sectionCount).map { Slot($0) }
    }

    @inlinable
    var slotToExchange: Slot? {
        @inline(__always)
        get {
            // Unsigned: a thread without a registration has a negative number, and no slot here.
            let cpu = UInt32(bitPattern: qpw_rseq_cpu())
            return cpu < exchangeCount ? Slot(base + Int(cpu) &* stride) : nil
        }
    }

    @inlinable @inline(__always)
    static func pop(_ stack: UnsafeMutablePointer<UInt>) -> UnsafeMutableRawPointer? {
        let size = stack[0]
        guard size > 0 else { return nil }
        setSize(size &- 1, of: stack)
        return UnsafeMutableRawPointer(bitPattern: stack[Int(bitPattern: size &+ 1)]).unsafelyUnwrapped
    }

    @inlinable @inline(__always)
    static func push(_ element: UnsafeMutableRawPointer, on stack: UnsafeMutablePointer<UInt>) -> Bool {
        let size = stack[0]
        guard size < stack[1] else { return false }
        stack[Int(bitPattern: size &+ 2)] = UInt(bitPattern: element)
        setSize(size &+ 1, of: stack)
        return true
    }

    /// At once: others may look, without the slot, whether there is anything.
    @inlinable @inline(__always)
    static func setSize(_ size: UInt, of stack: UnsafeMutablePointer<UInt>) {
        UnsafeMutableRawPointer(stack).assumingMemoryBound(to: Atomic<UInt>.self).pointee
            .store(size, ordering: .relaxed)
    }
}

extension Slot {
    @inlinable
    var stack: UnsafeMutablePointer<UInt> {
        @inline(__always)
        get {
            value.load(as: UnsafeMutablePointer<UInt>.self)
        }
    }

    @inlinable @inline(__always)
    func exchangeOwner() -> Bool {
        owner.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
    }

    /// With the slot held: whether nothing waits for who leaves it.
    @inlinable
    var hasNothingPending: Bool {
        @inline(__always)
        get { pending.pointee.load(ordering: .relaxed) == 0 }
    }
}
#else
// Without standing claims there is nothing to take from.
extension StackAccess {
    package func popFromClaimed() -> UnsafeMutableRawPointer? { nil }

    package func pushToClaimed(_ element: UnsafeMutableRawPointer) -> Bool { false }
}
#endif
