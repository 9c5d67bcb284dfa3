import Synchronization

extension QPWLock {
    /// Runs the work that was queued for this CPU under `deferred`; a load if there is none.
    ///
    /// Work takes its lock itself, and may take others, so it does not run where a lock is left but here, where the caller
    /// says that he holds none. Kernel counterpart: the reviewers' flush at the return to user space.
    @available(*, noasync)
    public func safepoint() {
        guard let deferredWork else { return }
        LockCheck.mayBlock("safepoint", name)
        for ticket in deferredWork.takeAll(of: .current) { ticket.run() }
    }

    /// After work was run without the owner, who may never come for its ticket.
    func dropStaleWork(for cpu: CPU) { deferredWork?.dropStale(of: cpu) }

    /// Traps for any policy but `deferred`, under which work has other ways to go.
    func leaveWork(_ ticket: Ticket, for cpu: CPU) {
        guard let deferredWork else {
            trap("work is left for an owner of '\(name)' who does not look for it")
        }
        deferredWork.push(ticket, for: cpu)
    }
}

/// A list of work for each CPU; what is still on one when it ends is dropped.
final class DeferredLists: @unchecked Sendable {
    private let heads: UnsafeMutablePointer<Atomic<UInt>>
    private let count: Int

    init(count: Int) {
        self.count = count
        heads = .allocate(capacity: count)
        for index in 0..<count { (heads + index).initialize(to: Atomic(0)) }
    }

    deinit {
        for index in 0..<count { _ = TicketList.takeAll(from: heads[index]) }
        heads.deallocate()
    }

    func push(_ ticket: Ticket, for cpu: CPU) { TicketList.push(ticket, on: heads[cpu.id]) }

    /// Drops what has been run elsewhere or cancelled.
    func dropStale(of cpu: CPU) {
        for ticket in takeAll(of: cpu) where ticket.isCurrent { push(ticket, for: cpu) }
    }

    func takeAll(of cpu: CPU) -> [Ticket] {
        cpu.id < count ? TicketList.takeAll(from: heads[cpu.id]) : []
    }
}
