import Synchronization

/// A named set of worker threads, one for each CPU that has had work, each pinned to its CPU.
///
/// A worker is started by the first item that is queued for its CPU, so a queue that is not used has no threads, and
/// a CPU whose structures are all under policies other than ``QPWPolicy/queue`` and `rtQueue` never gets a worker. Workers sleep
/// without a time-out when idle. Thread-safe; no function here may be called from a signal handler.
///
/// Kernel counterpart: `struct workqueue_struct`, bound (kernel/workqueue.c).
public final class WorkQueue: Sendable {
    /// The queue that per-CPU structures use; it lives as long as the process.
    public static let shared = WorkQueue("qpw")

    /// The first part of its threads' names; the kernel keeps 15 bytes of the whole.
    public let name: String

    private let topology: Topology
    private let workers = Guarded<[Int: Worker]>([:])
    private let birth = ForkGuard.shared.currentGeneration()
    private let outstanding = Worker.Outstanding()

    private static let housekeeper = -1

    /// Makes a queue without threads.
    public init(_ name: String, topology: Topology = .system) {
        self.name = name
        self.topology = topology
        ForkGuard.shared.register(self)
    }

    /// Waits for all that is queued, runs at once what was delayed, and ends the threads.
    ///
    /// An item that always queues itself again must be cancelled first. Kernel counterpart: `destroy_workqueue`.
    deinit {
        stopWorkers()
        ForkGuard.shared.forget(ObjectIdentifier(self))
    }

    /// Waits until everything that was queued, and what that queued in turn, has run.
    ///
    /// Delayed work that is not yet due is not waited for; what others queue meanwhile is. Must not be called from an
    /// item of this queue, nor while holding a slot. Kernel counterpart: `drain_workqueue`.
    @available(*, noasync)
    public func drain() {
        LockCheck.mayBlock("WorkQueue.drain", name)
        // One count for all workers, raised before a ticket is pushed and lowered after it has run: an item that hands on
        // to another worker is counted throughout, so zero means that nothing is left anywhere.
        // The wait between looks sleeps: the worker may be of lower priority on this CPU, and about to lower the count.
        var backoff = Backoff()
        while outstanding.count.load(ordering: .sequentiallyConsistent) > 0 {
            let barriers = workers.withLock { workers in
                workers.values.compactMap { worker -> WorkItem? in
                    let barrier = WorkItem {}
                    guard let ticket = barrier.queue() else { return nil }
                    worker.push(ticket)
                    return barrier
                }
            }
            for barrier in barriers { _ = barrier.flush() }
            backoff.pause { System.sleep(nanoseconds: $0) }
        }
    }

    package func stopWorkers() {
        let stopped = workers.withLock { workers in
            defer { workers = [:] }
            return Array(workers.values)
        }
        for worker in stopped { worker.stop() }
    }
}

extension WorkQueue {
    /// Has the worker of `cpu` run a queueing.
    package func submit(_ ticket: Ticket, to cpu: CPU) {
        submit(ticket, key: cpu.id) { Worker.start("\(name)/\(cpu.id)", .pinned(cpu), outstanding) }
    }

    /// Has the one worker run it that runs where nobody minds.
    package func submitToHousekeeper(_ ticket: Ticket) {
        submit(ticket, key: Self.housekeeper) {
            Worker.start("\(name)/hk", .housekeeping(housekeepingCPUs()), outstanding)
        }
    }

    /// Not by the caller's affinity, who may be the very owner that must be left alone, but by the program's: that of its
    /// first thread.
    ///
    /// If all of the program's CPUs are quiet, all of them: the work has to be done somewhere, and elsewhere the program was
    /// told not to run. Decided as the worker starts.
    private func housekeepingCPUs() -> CPUSet {
        topology.housekeeping(among: CPUSet.affinityOfProcess() ?? topology.online)
    }

    private func submit(_ ticket: Ticket, key: Int, start: () -> Worker?) {
        ForkGuard.shared.assertUsable(name, since: birth)
        // Found under the lock and pushed under it, so that a queue that stops has either all of it or none.
        let isQueued = workers.withLock { workers in
            if workers[key] == nil {
                ForkGuard.shared.disturb()
                workers[key] = start()
            }
            guard let worker = workers[key] else { return false }
            worker.push(ticket)
            return true
        }
        // No thread could be started: the work is done all the same, from here, as on a CPU that is offline.
        if !isQueued { ticket.run() }
    }
}
