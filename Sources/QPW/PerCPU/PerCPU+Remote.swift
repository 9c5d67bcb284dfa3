import Synchronization

// What is done to a slot from elsewhere. The caller's own CPU is no exception: taking its slot is merely cheaper.
extension PerCPU where Value: ~Copyable {
    /// Runs `body` on the slot of `cpu`, wherever the caller runs, and returns when it is done.
    ///
    /// Under ``QPWPolicy/queue`` a worker on that CPU runs the body; under `lock` and `fence` the caller does; under
    /// `deferred` the owner does, or after the deadline the caller. A CPU that is offline or outside the cpuset is served
    /// all the same, by claiming its slot. Blocks the thread; must not be called while holding a slot, nor from a signal
    /// handler. Errors of the body pass through. Traps under `deferred` without a deadline: use the `async` form.
    ///
    /// Kernel counterpart: `queue_work_on` with `flush_work`; `pw_queue_on` with `pw_flush`.
    @available(*, noasync)
    public func perform<R: ~Copyable, E: Error>(
        on cpu: CPU, _ body: (inout sending Value) throws(E) -> sending R
    ) throws(E) -> sending R {
        var outcome = Outcome<R, E>.none
        table.assertSomebodyComes("perform")
        _ = table.run(on: cpu, for: "perform", until: nil) { slot in
            outcome = Outcome(catching: { () throws(E) -> sending R in
                try body(&Self.value(of: slot).pointee)
            })
        }
        return try outcome.take()
    }

    /// As `perform(on:_:)`, giving up after `timeout`: the body then has not run and will not.
    ///
    /// A body that has begun when the time is over is waited for. Never traps for want of a deadline.
    @available(*, noasync)
    public func perform<R: ~Copyable>(
        on cpu: CPU, timeout: Duration, _ body: (inout sending Value) -> sending R
    ) throws(QPWTimeout) -> sending R {
        var outcome = Outcome<R, Never>.none
        let deadline = MonotonicClock.deadline(after: timeout)
        let isDone = table.run(on: cpu, for: "perform", until: deadline) { slot in
            outcome = Outcome(catching: { body(&Self.value(of: slot).pointee) })
        }
        guard isDone else { throw QPWTimeout(table, cpu, after: timeout) }
        return outcome.take()
    }

    /// As `perform(on:_:)`, without blocking the thread while a worker or the owner has yet to come.
    ///
    /// Under `lock` and `fence` the body runs before the first suspension. Is not cancelled with its task.
    public func perform<R: Sendable, E: Error>(
        on cpu: CPU, _ body: @escaping @Sendable (inout sending Value) throws(E) -> R
    ) async throws(E) -> R {
        let result = AsyncResult<R, E>()
        await table.run(on: cpu, for: "perform") { slot in
            result.store { () throws(E) -> R in try body(&Self.value(of: slot).pointee) }
        }
        return try result.take()
    }

    /// Runs `body` on the slot of every CPU whose marks satisfy `predicate`, and returns when all are done.
    ///
    /// The slots that do not need it are passed over without taking their locks: a CPU costs one load. Marks are looked at
    /// again once the slot is held, and then those of `marks` are taken off; the body may set them anew, and one that throws
    /// leaves them as they were. What was marked before this call is drained when it returns. Under ``QPWPolicy/queue`` and
    /// `deferred` the work is handed to all CPUs first and then waited for, so that bodies run at once on several. If a body
    /// throws, the others still run; the error of one is thrown. Otherwise as `perform(on:_:)`.
    ///
    /// Kernel counterpart: `__lru_add_drain_all` (mm/swap.c).
    @available(*, noasync)
    public func drain<E: Error>(
        where predicate: @Sendable (Dirty) -> Bool = { !$0.isEmpty }, clearing marks: Dirty = .all,
        _ body: @Sendable (inout sending Value, CPU) throws(E) -> Void
    ) throws(E) {
        table.assertSomebodyComes("drain")
        let failure = FirstError<E>()
        let needy = table.cpus(whoseMarksSatisfy: predicate)
        table.run(onEach: needy, for: "drain") { slot in
            Self.drain(slot, predicate, marks, failure, body)
        }
        try failure.rethrow()
    }

    /// As the other `drain(where:clearing:_:)`, without blocking the thread while others have yet to come.
    public func drain<E: Error>(
        where predicate: @escaping @Sendable (Dirty) -> Bool = { !$0.isEmpty }, clearing marks: Dirty = .all,
        _ body: @escaping @Sendable (inout sending Value, CPU) throws(E) -> Void
    ) async throws(E) {
        let failure = FirstError<E>()
        let needy = table.cpus(whoseMarksSatisfy: predicate)
        await table.run(onEach: needy, for: "drain") { slot in
            Self.drain(slot, predicate, marks, failure, body)
        }
        try failure.rethrow()
    }

    private static func drain<E: Error>(
        _ slot: Slot, _ predicate: (Dirty) -> Bool, _ marks: Dirty, _ failure: FirstError<E>,
        _ body: (inout sending Value, CPU) throws(E) -> Void
    ) {
        guard let taken = slot.takeMarks(marks, satisfying: predicate) else { return }
        let isDone = failure.catching { () throws(E) in try body(&value(of: slot).pointee, slot.cpu) }
        if !isDone { slot.putBack(taken) }
    }

    /// The marks of `cpu` as they are now, without taking its slot.
    public func dirty(of cpu: CPU) -> Dirty {
        table.checkedSlot(of: cpu, for: "dirty").marks
    }

    /// Folds `body` over all slots, one after the other, each under its lock: a scrape.
    ///
    /// Each slot is consistent in itself; they are not frozen together. Under ``QPWPolicy/queue`` every CPU costs a round
    /// trip to its worker: where fields are atomic, ``snapshot(into:_:)`` disturbs nobody. Otherwise as
    /// `perform(on:_:)`.
    @available(*, noasync)
    public func reduce<Result, E: Error>(
        into initial: Result, _ body: (inout Result, inout sending Value, CPU) throws(E) -> Void
    ) throws(E) -> Result {
        var result = initial
        for cpu in cpus {
            try perform(on: cpu) { (value: inout sending Value) throws(E) in try body(&result, &value, cpu) }
        }
        return result
    }
}

/// A value of which other threads may read the atomic fields while its owner changes it.
///
/// Conform only if everything that ``PerCPU/snapshot(into:_:)`` reads is an `Atomic` or never changes: the compiler
/// cannot check that.
public protocol SnapshotReadable: ~Copyable {}

extension PerCPU where Value: SnapshotReadable & ~Copyable {
    /// Folds `body` over all slots without taking any lock: the owners notice nothing.
    ///
    /// Reads fields that are changing; see ``SnapshotReadable``. A few loads a CPU.
    public func snapshot<Result, E: Error>(
        into initial: Result, _ body: (inout Result, borrowing Value, CPU) throws(E) -> Void
    ) throws(E) -> Result {
        var result = initial
        for cpu in cpus { try body(&result, Self.value(of: table.slot(of: cpu)).pointee, cpu) }
        return result
    }
}

extension PerCPU where Value: ~Copyable {
    /// Takes marks off the slot of `cpu`, which the caller holds: so no mark that somebody sets is lost.
    package func unmark(_ cpu: CPU, _ marks: Dirty) {
        assertHeld(cpu)
        table.checkedSlot(of: cpu, for: "unmark").takeOff(marks)
    }

    /// Takes marks that are mere hints off a slot that the caller does not hold.
    ///
    /// An owner who sets one at this moment may win or lose: he may have found it set, and left it so, just before. So
    /// nothing may depend on such a mark but when something is done. The slot's other marks are not touched.
    package func dropHints(_ cpu: CPU, _ hints: Dirty) {
        table.checkedSlot(of: cpu, for: "dropHints").dirty.pointee.bitwiseAnd(
            ~hints.rawValue, ordering: .relaxed)
    }

    /// Visits all values without their locks: for who ends a structure's life and knows that nobody else uses it.
    package func forEachUnshared(_ body: (inout Value, CPU) -> Void) {
        for cpu in cpus { body(&Self.value(of: table.slot(of: cpu)).pointee, cpu) }
    }
}
