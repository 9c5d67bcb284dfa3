import Synchronization

// MARK: - Waiting for readers

extension RCUDomain {
    /// Waits until every read section that began before the call has ended.
    ///
    /// What the caller made unreachable before is then seen by nobody. Callers that wait at the same time
    /// share a grace period. Must not be called in a read section of this domain, nor while holding a slot:
    /// debug builds trap. May be called in a callback.
    ///
    /// Without readers a few microseconds, and an interrupt to each CPU that has had readers, runs this
    /// process and may be disturbed; with them, up to a millisecond after the last has left. Kernel
    /// counterpart: `synchronize_srcu`, `synchronize_srcu_expedited` (kernel/rcu/srcutree.c).
    @available(*, noasync)
    public func synchronize() {
        engine.mayWait("RCUDomain.synchronize")
        engine.synchronize()
    }

    /// As the other `synchronize()`, without blocking the thread.
    ///
    /// The housekeeping thread sees the grace period through. Not cancellable.
    public func synchronize() async {
        await withCheckedContinuation { continuation in
            engine.didQueue(engine.counters.queue { continuation.resume() })
            engine.hurry()
        }
    }
}

// MARK: - Polling

extension RCUDomain {
    /// A grace period to ask for later; of the domain that gave it.
    public struct Cookie: Hashable, Sendable {
        let number: UInt64
    }

    /// Sees to it that a grace period begins after the call, and ends without anybody waiting for it.
    ///
    /// Never waits; may be called in a read section and while holding a slot. One fence, and a wake-up of the
    /// housekeeping thread if it sleeps. Kernel counterpart: `start_poll_synchronize_srcu`
    /// (kernel/rcu/srcutree.c).
    public func startPoll() -> Cookie {
        let number = engine.gracePeriods.next()
        engine.wanted.max(number, ordering: .sequentiallyConsistent)
        engine.activate()
        return Cookie(number: number)
    }

    /// Whether every read section that began before the cookie was made has ended.
    ///
    /// Stays true. One load. Kernel counterpart: `poll_state_synchronize_srcu` (kernel/rcu/srcutree.c).
    public func poll(_ cookie: Cookie) -> Bool {
        engine.gracePeriods.isComplete(cookie.number)
    }
}
