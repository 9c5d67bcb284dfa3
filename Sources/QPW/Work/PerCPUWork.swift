import Synchronization

/// A function that is to run for one CPU, under a ``QPWLock``'s policy: what the proposal embeds in a per-CPU structure.
///
/// The function takes the lock itself, with ``QPWLock/lock(_:)`` of the CPU it is given. Where it runs is the policy's
/// business: on that CPU's worker under ``QPWPolicy/queue``, in the caller of ``queue(on:in:)`` under `lock` and `fence`,
/// and on the owner's thread, at its next ``QPWLock/safepoint()``, under `deferred`. It never runs twice at once; what is
/// pending under `deferred` when its lock ends is dropped.
/// Thread-safe; no function here may be called from a signal handler.
///
/// Kernel counterpart: `struct qpw_struct` and `INIT_QPW`, later `pw_struct` and `INIT_PW`.
public final class PerCPUWork: Sendable {
    /// The CPU that the function is for. Kernel counterpart: `pw_get_cpu`.
    public let cpu: CPU

    private let lock: QPWLock
    private let item: WorkItem
    /// Where it was last queued with a delay, for a flush to hurry it.
    private let lastQueue = Guarded<WorkQueue?>(nil)
    private let hasWarned = Atomic<Bool>(false)

    /// Makes work for `cpu` that is not queued.
    public init(_ lock: QPWLock, cpu: CPU, _ function: @escaping @Sendable (CPU) -> Void) {
        self.lock = lock
        self.cpu = cpu
        _ = lock.table.checkedSlot(of: cpu, for: "PerCPUWork")
        item = WorkItem { function(cpu) }
    }

    /// Whether it is queued and has not begun. Kernel counterpart: `work_pending`.
    public var isPending: Bool { item.isPending }
}

// MARK: - Queueing

extension PerCPUWork {
    /// Queues the function to run once, or runs it here and now if the policy says so.
    ///
    /// False if it was pending already: then it runs once for both. Pending ends before the function is called, so what
    /// was written before a call is seen by a run that follows, whatever the call returned. May be called by the function
    /// itself, which then runs again afterwards. Must not be called while holding a slot, under any policy: where none
    /// runs the function in the caller, a system without room for a worker's thread does. Debug builds trap.
    ///
    /// `cpu` must be the work's own: debug builds trap, release builds correct it and warn once. Kernel counterpart:
    /// `queue_percpu_work_on`, later `pw_queue_on`; `queue_work_on` (kernel/workqueue.c).
    @available(*, noasync) @discardableResult
    public func queue(on cpu: CPU, in queue: WorkQueue = .shared) -> Bool {
        check(cpu)
        switch lock.inForce.remote {
        case .inline, .fence:
            return item.runInline()
        case .queue:
            return hand(item.queue()) { queue.submit($0, to: self.cpu) }
        case .deferred:
            return hand(item.queue()) { lock.leaveWork($0, for: self.cpu) }
        }
    }

    /// Queues the function to run once, when `delay` has passed.
    ///
    /// Under policies without workers, a thread of the queue that runs on CPUs that may be disturbed runs it. Must not be
    /// called while holding a slot either. Kernel counterpart: `queue_delayed_work_on`.
    @available(*, noasync) @discardableResult
    public func queue(on cpu: CPU, in queue: WorkQueue = .shared, after delay: Duration) -> Bool {
        check(cpu)
        return hand(item.queue(at: MonotonicClock.time(in: delay))) { ticket in
            remember(queue)
            submit(ticket, in: queue)
        }
    }

    private func hand(_ ticket: Ticket?, to receiver: (Ticket) -> Void) -> Bool {
        guard let ticket else { return false }
        lock.table.assertUsable()
        receiver(ticket)
        return true
    }

    /// Another queue's last reference may go with this. Not under the mutex: its end waits for work, which may need that.
    private func remember(_ queue: WorkQueue) {
        let former = lastQueue.withLock { last in
            defer { last = queue }
            return last
        }
        withExtendedLifetime(former) {}
    }

    private func submit(_ ticket: Ticket, in queue: WorkQueue) {
        if lock.inForce.remote == .queue {
            queue.submit(ticket, to: cpu)
        } else {
            queue.submitToHousekeeper(ticket)
        }
    }

    private func check(_ cpu: CPU) {
        LockCheck.mayBlock("PerCPUWork.queue", lock.name)
        guard cpu != self.cpu else { return }
        let complaint = "work of '\(lock.name)' for \(self.cpu) is queued on \(cpu)"
        #if DEBUG
        trap(complaint + ": queue it on its own CPU.")
        #else
        if !hasWarned.exchange(true, ordering: .relaxed) { warn(complaint + "; it runs for \(self.cpu).") }
        #endif
    }
}

// MARK: - Waiting and cancelling

extension PerCPUWork {
    /// Waits until the last queueing before this call has run or was cancelled; one that is delayed runs now.
    ///
    /// Queueings during the call are not waited for. Must not be called from the function itself, nor while holding a
    /// slot. Traps under `deferred` without a deadline: use the `async` form. Kernel counterpart: `flush_percpu_work`,
    /// later `pw_flush`; `flush_work`, `flush_delayed_work`.
    @available(*, noasync)
    public func flush() {
        lock.table.assertSomebodyComes("PerCPUWork.flush")
        _ = flush(until: nil)
    }

    /// As `flush()`, giving up after `timeout`: the function stays queued.
    @available(*, noasync)
    public func flush(timeout: Duration) throws(QPWTimeout) {
        guard flush(until: MonotonicClock.deadline(after: timeout)) else {
            throw QPWTimeout(lock.table, cpu, after: timeout)
        }
    }

    /// As the other `flush()`, without blocking the thread.
    public func flush() async {
        hurry()
        if case .deferred(let limit?) = lock.inForce.remote {
            let escalation = WorkItem { [item, lock, cpu] in
                item.steal()
                lock.dropStaleWork(for: cpu)
            }
            escalation.queue(at: MonotonicClock.time(in: limit)).map(WorkQueue.shared.submitToHousekeeper)
        }
        await item.flush()
    }

    private func flush(until deadline: Int64?) -> Bool {
        LockCheck.mayBlock("PerCPUWork.flush", lock.name)
        item.assertNotRunner("PerCPUWork.flush")
        hurry()
        guard let target = item.unfinished() else { return true }
        guard case .deferred(let limit?) = lock.inForce.remote else {
            return item.flush(through: target, deadline: deadline)
        }
        var escalation = MonotonicClock.time(in: limit)
        while !item.flush(through: target, deadline: min(escalation, deadline ?? .max)) {
            if deadline.hasPassed { return false }
            // Not to be had while it runs for an earlier queueing: then try again.
            item.steal()
            lock.dropStaleWork(for: cpu)
            escalation = MonotonicClock.time(in: .milliseconds(1))
        }
        return true
    }

    /// A second ticket for a queueing that may be parked until later; whichever comes up first runs it.
    private func hurry() {
        guard let queue = lastQueue.withLock({ $0.take() }), let ticket = item.hurriedTicket() else { return }
        submit(ticket, in: queue)
    }

    /// Takes back a queueing whose function has not begun; false if there was none.
    ///
    /// An earlier queueing may be running still. Kernel counterpart: `cancel_work`, `cancel_delayed_work`.
    @discardableResult
    public func cancel() -> Bool {
        defer { lock.dropStaleWork(for: cpu) }
        return item.cancel()
    }

    /// As ``cancel()``, then waits until the function is not running; meanwhile nobody can queue it, itself included.
    ///
    /// Must not be called from the function itself, nor while holding a slot. Kernel counterpart: `cancel_work_sync`.
    @available(*, noasync) @discardableResult
    public func cancelAndWait() -> Bool {
        LockCheck.mayBlock("PerCPUWork.cancelAndWait", lock.name)
        item.assertNotRunner("PerCPUWork.cancelAndWait")
        item.disable()
        defer { item.enable() }
        let wasPending = cancel()
        _ = item.flush()
        return wasPending
    }
}
