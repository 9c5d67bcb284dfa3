extension RCUDomain {
    /// Has `function` called once every read section that began before the call has ended.
    ///
    /// Never waits and never runs a callback: may be called in a read section, while holding a slot, and in a
    /// callback. Nothing bounds what it queues: who can wait uses ``callOrHelp(_:)``. Callbacks run in no
    /// particular order, batched: within a millisecond or so after the readers have left. They run on a thread
    /// that keeps to the program's CPUs (those of its first thread), and of these to the ones that need not be
    /// left alone (``Topology/quiet``), as they are when it starts; if all of them are quiet, to all of them.
    /// Those of one domain may delay those of another, so keep them short. A callback must not throw, must not
    /// wait for callbacks (`barrier()`), and may queue others.
    ///
    /// Under 100 nanoseconds, most of them the allocation; now and then a wake-up. Kernel counterpart:
    /// `call_srcu`
    /// (kernel/rcu/srcutree.c).
    public func call(_ function: sending @escaping () -> Void) {
        engine.didQueue(counters.queue(function))
    }

    /// As ``call(_:)``, then helps to run callbacks while more are pending than the domain's bound.
    ///
    /// So a flood is held to about the bound, and 64 for each thread. It helps with callbacks whose readers
    /// have left, whoever queued them; on a CPU that must not be disturbed it only waits. Must not be called
    /// in a read section of this domain nor while holding a slot, even if it need not wait: debug builds
    /// trap. In a callback it is ``call(_:)``.
    ///
    /// Kernel counterpart: none; `rcu_do_batch` with `qhimark` (kernel/rcu/tree.c) has the same purpose.
    @available(*, noasync)
    public func callOrHelp(_ function: sending @escaping () -> Void) {
        engine.mayWait("RCUDomain.callOrHelp")
        let number = counters.queue(function)
        engine.didQueue(number)
        // The count of what is pending takes a load for each CPU.
        if number % 64 == 0 && !RCUEngine.isInCallback { engine.relieve() }
    }

    /// Whether the thread runs a callback of any domain: then it must not wait for others.
    package static var isInCallback: Bool { RCUEngine.isInCallback }

    /// Waits until every callback that was queued before the call has been run.
    ///
    /// Must not be called in a callback of any domain: it traps. Nor in a read section of this domain, nor
    /// while holding a slot: debug builds trap. Polls with sleeps of at most a millisecond. Kernel
    /// counterpart: `srcu_barrier`
    /// (kernel/rcu/srcutree.c).
    @available(*, noasync)
    public func barrier() {
        engine.mayWaitForCallbacks("RCUDomain.barrier")
        engine.barrier()
    }

    /// As the other `barrier()`, without blocking the thread. Not cancellable.
    public func barrier() async {
        let last = engine.batches.gather(from: engine.counters, engine.gracePeriods)
        await withCheckedContinuation { continuation in
            engine.batches.whenFinished(last) { continuation.resume() }
            engine.hurry()
        }
    }
}
