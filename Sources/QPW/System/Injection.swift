// Places inside the protocols where a torture disturbs the thread that comes by: it yields, dawdles, is moved or is
// interrupted there, where by itself it seldom would be.
//
// Only a build with `QPW_TORTURE=1` in the environment has them. In any other `inject` is empty and inlined: not one
// instruction of the hot paths is there for it, which Checks/hotpath shows.

/// Where a thread is, in the protocol whose file the case is named for.
@usableFromInline
package enum InjectionPoint: UInt32, CaseIterable, Sendable {
    // LocalAccess.swift, LocalAcquire.swift
    case exchange, section, release
    // Claim.swift
    case claimed, fenced, unclaim
    // RemoteAcquire.swift, Waiting.swift, DeferredWork.swift
    case holding, unmarked, released, waiting, leaving, taking
    // Ticket.swift, WorkItem.swift, Worker.swift
    case push, takeAll, update, ran, complete, flush, sleep, pushed, awake
    // ReadCounters.swift, GracePeriods.swift, Housekeeping.swift
    case enter, sum, numbered, modes, idle
    // QPWObjects: ObjectCache+Allocate.swift, ObjectCache+Free.swift, ObjectCache+Flush.swift
    case refilled, ousted, putAway
    // QPWPages: PageLRU+Batches.swift, PageLRU+Detach.swift, PageLRU+Drain.swift, DrainTurns.swift, LRUVector.swift,
    // PageLRU+Pin.swift
    case moved, detached, moveDetached, arrived, advanced, listed, settling
}

#if QPW_TORTURE
package enum Injection {
    package static let isCompiledIn = true

    /// Called at each point, in signal handlers as well; set before there are threads to disturb.
    nonisolated(unsafe) package static var hook: (@convention(c) (UInt32) -> Void)?
}

@usableFromInline @inline(never)
package func inject(_ point: InjectionPoint) { Injection.hook?(point.rawValue) }
#else
package enum Injection {
    package static let isCompiledIn = false
}

@inlinable @inline(__always)
package func inject(_ point: InjectionPoint) {}
#endif
