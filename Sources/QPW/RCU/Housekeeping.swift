import CQPW
import Synchronization

// Who serves a domain's callbacks: a work item that queues itself as long as there is something to do, and no
// thread of the domain's own.
//
// field        | who writes                                    | memory order
// -------------|-----------------------------------------------|-------------------------------------------
// activity     | who changes it by compare-and-exchange;       | seq-cst
//              | from `busy`, by a store, the item that is it  |
// wanted       | who polls: a maximum                          | seq-cst read-modify-write
// isUnattended | an item that was run where it was handed over;| acquire-release
//              | who serves in its place                       |
//
// activity is `idle`: no item exists. `busy`: one is queued to run at once, or runs. `resting`: one is queued
// for later. Only who changes `idle` or `resting` to `busy` queues an item to run at once, so at most one
// runs. An item whose rest was cut short may still come: it finds `busy`, and ends, or another rest, which it
// cuts short.
//
// Nothing is left behind. Who queues a callback pushes it, then looks at `activity`; an item that finds
// nothing to do stores `idle`, then looks for callbacks. All four are seq-cst, so one of the two sees the
// other's: either the first finds `idle` and starts an item, or the second finds the callback, and starts
// one. The same holds of who raises `wanted`, and of who, helping, leaves chains in a batch. One who finds
// `resting` has to wait for the rest to end: a millisecond at most. When all are gone nothing is queued and
// nobody wakes.
//
// `call` may run where nobody may wait or run a callback: its caller may hold a slot, and the callback may
// need it. If no thread can be had the queue runs the item within the submission; such an item ends at once
// and says `isUnattended`. Those who wait then serve in its place, and the next `call` tries again.
extension RCUEngine {
    enum Activity {
        static let idle: UInt32 = 0
        static let resting: UInt32 = 1
        static let busy: UInt32 = 2
    }

    private static let shortestRest: Int64 = 50_000
    private static let longestRest: Int64 = 1_000_000

    /// Sees to it that somebody serves, now or after a rest.
    func activate() {
        guard activity.load(ordering: .sequentiallyConsistent) == Activity.idle else { return }
        if change(from: Activity.idle) { handOver() }
    }

    /// Sees to it that somebody serves at once.
    func hurry() {
        if change(from: Activity.resting) || change(from: Activity.idle) { handOver() }
    }

    /// As ``activate()``, for a caller who waits and may run callbacks should nobody else be able to.
    func attend() {
        activate()
        if isUnattended.exchange(false, ordering: .acquiringAndReleasing) { _ = serve(limit: Self.batchSize) }
    }

    /// After a callback was queued as the `number`th of its CPU.
    func didQueue(_ number: Int) {
        if number % Self.batchSize == 0 { hurry() } else { activate() }
    }

    private func change(from state: UInt32) -> Bool {
        activity.compareExchange(expected: state, desired: Activity.busy, ordering: .sequentiallyConsistent)
            .exchanged
    }

    private func handOver() {
        hand(WorkItem { self.run(rested: 0) }, due: 0)
    }

    private func rest(for nanoseconds: Int64, rested: Int64) {
        activity.store(Activity.resting, ordering: .sequentiallyConsistent)
        let item = WorkItem {
            if self.change(from: Activity.resting) { self.run(rested: rested) }
        }
        hand(item, due: MonotonicClock.now() + nanoseconds)
    }

    private func hand(_ item: WorkItem, due: Int64) {
        ForkGuard.shared.assertUsable(name, since: birth)
        let thread = RCUThread.current()
        thread.pointee.handing += 1
        defer { thread.pointee.handing -= 1 }
        submit(item, due)
    }

    /// One turn of the item, which is `busy`. `rested`: how long it has just waited for readers.
    private func run(rested: Int64) {
        guard RCUThread.current().pointee.handing == 0 else {
            isUnattended.store(true, ordering: .releasing)
            activity.store(Activity.idle, ordering: .sequentiallyConsistent)
            return
        }
        _ = serve(limit: Self.batchSize)
        if batches.hasReady(gracePeriods.count) {
            handOver()
        } else if !gracePeriods.isComplete(goal) {
            let time = min(max(Self.shortestRest, rested * 2), Self.longestRest)
            rest(for: time, rested: time)
        } else if counters.hasQueued {
            if pending >= Self.batchSize { handOver() } else { rest(for: Self.gatheringTime, rested: 0) }
        } else {
            activity.store(Activity.idle, ordering: .sequentiallyConsistent)
            inject(.idle)
            if counters.hasQueued || batches.hasChains || !gracePeriods.isComplete(goal) { activate() }
        }
    }
}
