public import QPW
import Synchronization

// A drain takes each CPU's bank away with its slot held, by a few stores, and moves the folios outside of it: an owner never
// waits for more than that. The drainer has the gate until they are on the lists, so the next one knows that nothing is on
// its way. Owners move full batches with the slot held: who takes it afterwards finds them moved; and who finds no mark, or
// nothing counted under it, need not take it, since both are stored when they are on the lists.

// MARK: - One CPU

extension PageLRU {
    /// Moves the batches of the CPU that the thread runs on to the lists, without waiting for other drains.
    ///
    /// What another has just taken from this CPU may be on its way still: ``drain(_:)`` waits for it. Kernel counterpart:
    /// `lru_add_drain` (mm/swap.c).
    @available(*, noasync)
    public func drainLocal() { moveLocal() }

    func moveLocal() {
        bury(moveLocal(batches))
        while !tails.slots.dirty(of: .current).isEmpty && !moveTailsLocal() { nodes.awaitLocks() }
        if !pinned.slots.dirty(of: .current).isEmpty { bury(moveLocal(pinned)) }
        freeLimbo()
    }

    func moveLocal(_ slots: borrowing BatchedSlots) -> DeadFolios {
        slots.slots.withLocal { banks, cpu in moveHeld(banks, of: slots, cpu) }
    }

    /// As ``moveLocal()``, for who has a deadline: a slot that somebody holds is not waited for, nor are the tails tried. The
    /// drain that follows visits what is left.
    private func tryMoveLocal() {
        bury(tryMoveLocal(batches))
        if !pinned.slots.dirty(of: .current).isEmpty { bury(tryMoveLocal(pinned)) }
        freeLimbo()
    }

    private func tryMoveLocal(_ slots: borrowing BatchedSlots) -> DeadFolios {
        slots.slots.tryWithLocal { banks, cpu in moveHeld(banks, of: slots, cpu) } ?? DeadFolios()
    }

    private func moveHeld(
        _ banks: borrowing CPUBanks, of slots: borrowing BatchedSlots, _ cpu: CPU
    ) -> DeadFolios {
        var dead = DeadFolios()
        guard !slots.isEmpty(banks.current) else { return dead }
        CPUBanks.count(banks.movedLocally)
        moveAll(in: banks.current, of: slots, letting: &dead)
        slots.slots.unmark(cpu, .all)
        return dead
    }

    /// False if a list lock could not be had, and something was left. It is not waited for with the slot held: its holder may
    /// have been interrupted, and the handler wait for this slot.
    private func moveTailsLocal() -> Bool {
        var dead = DeadFolios()
        let isDone = withSignalsBlocked {
            tails.slots.withLocal { banks, cpu in
                guard !tails.isEmpty(banks.current) else { return true }
                moveAll(in: banks.current, of: tails, .leave, letting: &dead)
                guard tails.isEmpty(banks.current) else { return false }
                CPUBanks.count(banks.movedLocally)
                tails.slots.unmark(cpu, .all)
                return true
            }
        }
        bury(dead)
        return isDone
    }

    /// Moves the batches of `cpu` to the lists and empties its lookup front.
    ///
    /// Wherever the caller runs, and even if the CPU is offline: somebody has to. Blocks, as `PerCPU.perform(on:_:)` of
    /// the same policy does. Kernel counterpart: `lru_add_drain_cpu`, and as a callback of CPU hotplug
    /// `page_alloc_cpu_dead`.
    @available(*, noasync)
    public func drain(_ cpu: CPU) {
        turns.gate.enter()
        detach(from: cpu, .needyCPUs)
        moveDetached()
        turns.gate.leave()
        front.invalidate(cpu)
    }

    /// Whether a drain would find something at `cpu`, or another is moving what it found there.
    ///
    /// A few loads; some more where something was added lately. Kernel counterpart: `cpu_needs_drain` (mm/swap.c).
    public func needsDrain(_ cpu: CPU) -> Bool { hasBatches(cpu, .needyCPUs) || front.needsInvalidation(cpu) }
}

// MARK: - All CPUs

extension PageLRU {
    /// Moves all CPUs' batches to the lists: everything that was added before the call is there when it returns.
    ///
    /// Only CPUs that have something are visited. Callers at the same time share a drain; with ``DrainExtent/everyCPU`` each
    /// visits every CPU. The lookup fronts are emptied, too, by each CPU's worker. Blocks; must not be called while holding a
    /// slot. Traps under `deferred` without a deadline: use the `async` form.
    /// Kernel counterpart: `lru_add_drain_all`, `__lru_add_drain_all` (mm/swap.c).
    @available(*, noasync)
    public func drainAll(_ extent: DrainExtent = .needyCPUs) {
        turns.run(extent, publish: moveLocal) {
            detachAll(extent)
            moveDetached()
            front.invalidate()
        }
    }

    /// As `drainAll(_:)`, without blocking the thread while others have yet to come. Not cancellable.
    public func drainAll(_ extent: DrainExtent = .needyCPUs) async {
        await turns.run(extent, publish: moveLocal) {
            await detachAll(extent)
            moveDetached()
            await front.invalidate()
        }
    }

    /// As `drainAll(_:)` of needy CPUs, giving up after `timeout`: what was taken until then is on the lists.
    ///
    /// CPUs are visited one after the other, the caller's own with the same deadline; the lists' locks, which are held for a
    /// batch at a time, are waited for without. The lookup fronts stay as they are. Never traps for want of a deadline.
    @available(*, noasync)
    public func drainAll(timeout: Duration) throws(QPWTimeout) {
        let deadline = MonotonicClock.time(in: timeout)
        var failure: QPWTimeout?
        let isDone = turns.run(until: deadline, publish: tryMoveLocal) {
            do throws(QPWTimeout) {
                try detachAll(until: deadline)
            } catch {
                failure = error
            }
            moveDetached()
            return failure == nil
        }
        if let failure { throw failure }
        guard isDone else { throw QPWTimeout(batches.slots.table, .current, after: timeout) }
    }

    /// With the gate: moves what was taken from the CPUs.
    func moveDetached() {
        inject(.moveDetached)
        var dead = DeadFolios()
        moveDetached(from: batches, &dead)
        moveDetached(from: tails, &dead)
        moveDetached(from: pinned, &dead)
        bury(dead)
        freeLimbo()
    }

    private func moveDetached(from slots: borrowing BatchedSlots, _ dead: inout DeadFolios) {
        slots.forEachDetached { bank in
            counters.note(.movedByDrain)
            moveAll(in: bank, of: slots, letting: &dead)
        }
    }
}

// MARK: - Batching

extension PageLRU {
    /// Has everything go to the lists at once, until ``enableBatching()``: when it returns no batch holds an addition.
    ///
    /// Calls nest. Needs no grace period: it takes every slot, so who looked whether batching is disabled, and was told no,
    /// has left his slot by then, and his batch is moved; who takes the slot afterwards is told yes. Who adds without taking
    /// it is admitted by those who do: see `BatchedSlots`. Blocks as `drainAll(_:)` does. A ``rotate(_:)`` that finds the list
    /// lock held stays in its batch. Kernel counterpart: `lru_cache_disable` (mm/swap.c), which waits for RCU.
    @available(*, noasync)
    public func disableBatching() {
        disabled.wrappingAdd(1, ordering: .sequentiallyConsistent)
        drainAll(.everyCPU)
    }

    /// As `disableBatching()`, without blocking the thread.
    public func disableBatching() async {
        disabled.wrappingAdd(1, ordering: .sequentiallyConsistent)
        await drainAll(.everyCPU)
    }

    /// Ends one `disableBatching()`. Kernel counterpart: `lru_cache_enable` (include/linux/swap.h).
    public func enableBatching() {
        let before = disabled.wrappingSubtract(1, ordering: .releasing).oldValue
        precondition(before > 0, "QPW: batching of '\(name)' is enabled more often than it was disabled")
    }
}
