public import Synchronization

/// A value for each CPU, reachable only through its lock, whose owner pays a nanosecond to use it.
///
/// The *owner* of a slot is whoever runs on its CPU; ``withLocal(_:)`` is its way in. Everybody else, a housekeeper who
/// drains, flushes or scrapes, goes through `perform(on:_:)`, `drain(where:clearing:_:)` or ``reduce(into:_:)``, and the
/// structure's ``QPWPolicy`` decides what that costs the owner.
///
/// ```swift
/// let hits = PerCPU<Int>("hits") { _ in 0 }
/// hits.withLocal { count, cpu in count += 1 }
/// let total = hits.reduce(into: 0) { total, count, cpu in total += count }
/// ```
///
/// Holding a slot is atomic context: a body must be short, must not suspend (it cannot compile), must not enter the same
/// structure again, and must not do remote work. Debug builds trap with a message where a body does.
///
/// A body that another CPU runs may be preempted while it holds the slot, and the owner then waits: keep remote bodies to
/// detaching what is to be worked on (some thirty objects at most), and work on it outside.
///
/// Thread-safe. Kernel counterpart: `DEFINE_PER_CPU` with `local_lock_t`, or `pw_lock_t` of the proposal.
public struct PerCPU<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline package let access: LocalAccess

    /// Makes one value for each possible CPU of `topology`.
    ///
    /// - Parameters:
    ///   - name: what messages call the structure.
    ///   - policy: fixed for the structure's life, nil for the process default; ``inForce`` tells what the machine makes of it.
    ///   - topology: which CPUs there are; inject one to test another machine.
    ///   - makeValue: called once for each possible CPU, in ascending order.
    ///
    /// Costs 128 bytes of memory or more for each CPU id up to the highest possible one.
    public init<E: Error>(
        _ name: String = "\(PerCPU.self)", policy: QPWPolicy? = nil, topology: Topology = .system,
        _ makeValue: (CPU) throws(E) -> sending Value
    ) throws(E) {
        try self.init(name, policy: policy, topology: topology, capabilities: .system, makeValue)
    }

    package init<E: Error>(
        _ name: String, policy: QPWPolicy?, topology: Topology, capabilities: Capabilities,
        _ makeValue: (CPU) throws(E) -> sending Value
    ) throws(E) {
        let table = SlotTable(
            name: name, policy: policy, topology: topology, stride: Self.stride, capabilities: capabilities)
        var made = 0
        do {
            for cpu in table.cpus {
                Self.value(of: table.slot(of: cpu)).initialize(to: try makeValue(cpu))
                made += 1
            }
        } catch {
            for cpu in table.cpus.prefix(made) { Self.value(of: table.slot(of: cpu)).deinitialize(count: 1) }
            throw error
        }
        access = LocalAccess(table)
    }

    deinit {
        for cpu in access.table.cpus { Self.value(of: access.table.slot(of: cpu)).deinitialize(count: 1) }
    }

    @inlinable package static var stride: Int { Slot.stride(forValueOf: MemoryLayout<Value>.size) }

    @inlinable
    package static func value(of slot: Slot) -> UnsafeMutablePointer<Value> {
        slot.value.assumingMemoryBound(to: Value.self)
    }

    package var table: SlotTable { access.table }

    /// What messages call the structure.
    public var name: String { table.name }

    /// The policy as this machine carries it out, and why.
    public var inForce: PolicyInForce { table.inForce }

    /// The CPUs that have a slot, in ascending order.
    public var cpus: [CPU] { table.cpus }
}

// MARK: - The owner

extension PerCPU where Value: ~Copyable {
    /// Runs `body` on the slot of the CPU that the thread runs on.
    ///
    /// The thread may be moved to another CPU inside the body; the slot stays the one of `cpu`, and is held until the body
    /// ends. Waits if a housekeeper holds the slot, or a thread that was preempted in it; sleeps after a few
    /// microseconds of that. Errors of the body pass through. Not for signal handlers.
    ///
    /// Costs some 2 cycles more than the body under the policies without atomic instructions, one compare-and-exchange
    /// under `lock`. Kernel counterpart: `local_lock` … `local_unlock` (include/linux/local_lock.h); `pw_lock_local`.
    @inlinable @inline(__always)
    public func withLocal<R: ~Copyable, E: Error>(
        _ body: (inout sending Value, CPU) throws(E) -> sending R
    ) throws(E) -> sending R {
        let slot = access.acquire(stride: Self.stride)
        defer { access.release(slot) }
        return try body(&Self.value(of: slot).pointee, slot.cpu)
    }

    /// As ``withLocal(_:)``, or nil at once if the slot is held.
    ///
    /// Waits for nobody; work that was left on the slot is run by the next ``withLocal(_:)``. Kernel counterpart: `local_trylock`.
    @inlinable @inline(__always)
    public func tryWithLocal<R: ~Copyable, E: Error>(
        _ body: (inout sending Value, CPU) throws(E) -> sending R
    ) throws(E) -> sending R? {
        guard let slot = access.tryAcquire(stride: Self.stride) else { return nil }
        defer { access.releaseLeavingWork(slot) }
        return try body(&Self.value(of: slot).pointee, slot.cpu)
    }

    /// As ``withLocal(_:)`` with all signals of the thread blocked, for structures that a signal handler must reach.
    ///
    /// Two system calls. Kernel counterpart: `local_lock_irqsave`.
    public func withLocalMaskingSignals<R: ~Copyable, E: Error>(
        _ body: (inout sending Value, CPU) throws(E) -> sending R
    ) throws(E) -> sending R {
        try withSignalsBlocked { () throws(E) -> sending R in try withLocal(body) }
    }

    /// Marks the slot of `cpu`, which the caller holds, as having something for `drain(where:clearing:_:)`.
    ///
    /// Marks accumulate until a drain clears them. One load, and one store if the mark is new.
    @inlinable @inline(__always)
    public func markDirty(_ cpu: CPU, _ marks: Dirty = .some) {
        #if DEBUG
        assertHeld(cpu)
        #endif
        precondition(cpu.id < access.table.count, "QPW: there is no slot for that CPU")
        let dirty = Slot(access.base + cpu.id &* Self.stride).dirty
        let before = dirty.pointee.load(ordering: .relaxed)
        if before & marks.rawValue != marks.rawValue {
            dirty.pointee.store(before | marks.rawValue, ordering: .relaxed)
        }
    }

    /// Runs work that was left on this CPU's slot under `deferred`: for owners that seldom use it.
    ///
    /// A few loads if there is none. Kernel counterpart: the reviewers' flush at the return to user space.
    @available(*, noasync)
    public func safepoint() {
        let cpu = CPU.current
        guard cpu.id < table.count else { return }
        if table.slot(of: cpu).pending.pointee.load(ordering: .relaxed) != 0 { withLocal { _, _ in } }
    }

    /// Traps in debug builds unless the calling thread holds the slot of `cpu`; nothing in release builds.
    ///
    /// Kernel counterpart: `lockdep_assert_held`.
    public func assertHeld(_ cpu: CPU) {
        table.assertHeld(cpu)
    }
}
