import Synchronization

// Running a body on slots by each of the four remote protocols. Under `inline` and `fence` the caller takes the slot; under
// `queue` a worker does, and under `deferred` the owner has it already: then the body is an errand that is handed over,
// to all CPUs before anybody waits.
extension SlotTable {
    /// Runs `body` with the slot of `cpu` held; false, and it has not run, if the deadline came first.
    func run(
        on cpu: CPU, for operation: StaticString, until deadline: Int64?, _ body: (Slot) -> Void
    ) -> Bool {
        LockCheck.mayBlock(operation, name)
        let slot = checkedSlot(of: cpu, for: operation)
        guard isHandedOver(slot) else { return runHere(slot, deadline, body) }
        var ran = false
        lend({ slot in
            body(slot)
            ran = true
        }) { body in
            let errand = errand(on: slot, until: deadline, body)
            handOver(errand, slot)
            finish(errand, slot, escalatingAt: escalationTime(), until: deadline)
        }
        return ran
    }

    /// Runs `body` on each of `cpus`, at once where others run it.
    func run(onEach cpus: [CPU], for operation: StaticString, _ body: @Sendable (Slot) -> Void) {
        LockCheck.mayBlock(operation, name)
        lend(body) { lent in
            let errands = cpus.compactMap { cpu -> (item: WorkItem, slot: Slot)? in
                let slot = slot(of: cpu)
                guard isHandedOver(slot) else {
                    _ = runHere(slot, nil, body)
                    return nil
                }
                let errand = errand(on: slot, until: nil, lent)
                handOver(errand, slot)
                return (errand, slot)
            }
            // One time for all: the owners who stay away have been waited for together.
            let escalation = escalationTime()
            for errand in errands { finish(errand.item, errand.slot, escalatingAt: escalation, until: nil) }
        }
    }

    /// As ``run(on:for:until:_:)``, suspending instead of blocking.
    func run(on cpu: CPU, for operation: StaticString, _ body: @escaping @Sendable (Slot) -> Void) async {
        await run(onEach: [checkedSlot(of: cpu, for: operation).cpu], for: operation, body)
    }

    func run(onEach cpus: [CPU], for operation: StaticString, _ body: @escaping @Sendable (Slot) -> Void)
        async
    {
        LockCheck.mayBlock(operation, name)
        let errands = cpus.compactMap { cpu -> WorkItem? in
            let slot = slot(of: cpu)
            guard isHandedOver(slot) else {
                _ = runHere(slot, nil, body)
                return nil
            }
            let errand = errand(on: slot, until: nil, body)
            handOver(errand, slot)
            scheduleEscalation(of: errand, slot)
            return errand
        }
        for errand in errands { await errand.flush() }
    }

    /// Traps under `deferred` without a deadline, where a caller that blocks could do so for ever.
    func assertSomebodyComes(_ operation: StaticString) {
        guard inForce.remote == .deferred(escalateAfter: nil) else { return }
        trap(
            "\(operation) on '\(name)' would block until the owner comes by, which may be never. Use the async form, "
                + "a time-out, or the policy deferred(escalateAfter:).")
    }
}

// MARK: - Here

extension SlotTable {
    /// Takes a slot by name, as lock checking wants it.
    func lock(_ slot: Slot, until deadline: Int64? = nil) -> Bool {
        #if DEBUG
        willAcquire()
        #endif
        guard acquire(slot, deadline: deadline) else { return false }
        #if DEBUG
        didAcquire(slot)
        #endif
        return true
    }

    func unlock(_ slot: Slot) {
        #if DEBUG
        willRelease(slot)
        #endif
        release(slot)
    }

    private func runHere(_ slot: Slot, _ deadline: Int64?, _ body: (Slot) -> Void) -> Bool {
        guard lock(slot, until: deadline) else { return false }
        body(slot)
        unlock(slot)
        return true
    }
}

// MARK: - Elsewhere

/// A body on the stack of a caller who waits: passed as an address, so that an item that is dropped late keeps nothing.
private struct LentBody: @unchecked Sendable {
    let address: UnsafePointer<(Slot) -> Void>

    func callAsFunction(_ slot: Slot) { address.pointee(slot) }
}

private func lend(_ body: (Slot) -> Void, to borrower: (LentBody) -> Void) {
    withoutActuallyEscaping(body) { body in
        withUnsafePointer(to: body) { borrower(LentBody(address: $0)) }
    }
}

extension SlotTable {
    /// A worker hands nothing over: two that did so to each other would wait for ever. He claims the slot.
    private func isHandedOver(_ slot: Slot) -> Bool {
        switch inForce.remote {
        case .inline, .fence: false
        case .queue, .deferred: slot.cpu.isRemote && !WorkerIdentity.isWorker
        }
    }

    private func errand(on slot: Slot, until deadline: Int64?, _ body: LentBody) -> WorkItem {
        errand(on: slot, until: deadline) { body($0) }
    }

    private func errand(
        on slot: Slot, until deadline: Int64?, _ body: @escaping @Sendable (Slot) -> Void
    ) -> WorkItem {
        guard inForce.remote == .queue else { return WorkItem { body(slot) } }
        return WorkItem { [self] in _ = runHere(slot, deadline, body) }
    }

    private func handOver(_ errand: WorkItem, _ slot: Slot) {
        assertUsable()
        guard let ticket = errand.queue() else { return }
        if inForce.remote == .queue {
            WorkQueue.shared.submit(ticket, to: slot.cpu)
        } else {
            leaveWork(ticket, on: slot)
        }
    }

    /// Waits until the errand is done, or until the deadline and then withdraws it.
    private func finish(
        _ errand: WorkItem, _ slot: Slot, escalatingAt escalation: Int64?, until deadline: Int64?
    ) {
        if let escalation {
            if errand.flush(deadline: min(escalation, deadline ?? .max)) { return }
            if !deadline.hasPassed { visit(slot, until: deadline) }
        }
        if errand.flush(deadline: deadline) || errand.cancel() { return }
        // It has begun.
        _ = errand.flush()
    }

    /// Does what the owner would do if it came by.
    func visit(_ slot: Slot, until deadline: Int64? = nil) {
        if lock(slot, until: deadline) { unlock(slot) }
    }

    private func scheduleEscalation(of errand: WorkItem, _ slot: Slot) {
        guard let time = escalationTime() else { return }
        let escalation = WorkItem { [self] in if errand.isPending { visit(slot) } }
        escalation.queue(at: time).map(WorkQueue.shared.submitToHousekeeper)
    }

    /// Under `deferred` with a deadline: when the caller stops waiting for the owner.
    private func escalationTime() -> Int64? {
        guard case .deferred(let limit?) = inForce.remote else { return nil }
        return MonotonicClock.time(in: limit)
    }
}
