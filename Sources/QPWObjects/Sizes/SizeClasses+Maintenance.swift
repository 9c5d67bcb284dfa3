public import QPW

extension SizeClasses {
    /// Flushes all caches: see ``ObjectCache/flush()``.
    @available(*, noasync)
    public func flush() {
        for cache in caches { cache.flush() }
    }

    /// Flushes all caches' sheaves of `cpu`: see ``ObjectCache/flush(_:)``.
    @available(*, noasync)
    public func flush(_ cpu: CPU) {
        for cache in caches { cache.flush(cpu) }
    }

    /// Gives all unused memory back to the system; returns the bytes. See ``ObjectCache/shrink()``.
    @available(*, noasync) @discardableResult
    public func shrink() -> Int {
        caches.reduce(0) { $0 + $1.shrink() }
    }

    /// Does what is due now and then: see ``ObjectCache/tick()``. Returns the bytes that the system got.
    @available(*, noasync) @discardableResult
    public func tick() -> Int {
        caches.reduce(0) { $0 + $1.tick() }
    }

    /// Waits until all that was freed by ``deallocate(afterGracePeriod:)`` before the call is free.
    ///
    /// One grace period for all caches; otherwise as ``ObjectCache/barrier()``. Kernel counterpart: `kvfree_rcu_barrier`.
    @available(*, noasync)
    public func barrier() {
        for cache in caches { cache.handOverPostponed() }
        rcu.barrier()
    }
}
