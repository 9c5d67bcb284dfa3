import CQPW
import Synchronization

/// What a domain consists of, but for its readers' fast path; it may outlive the domain while a thread works
/// for it.
final class RCUEngine: Sendable {
    /// How long a worker gathers callbacks before it serves them, once it has served some.
    static let gatheringTime: Int64 = 1_000_000
    /// As many queued callbacks, on one CPU, are served at once; and so many are run before others get their
    /// turn.
    static let batchSize = 1024
    /// A queue with a thread of its own, so that no callback delays, or waits for, the work of
    /// ``WorkQueue/shared``.
    private static let queue = WorkQueue("qpw-rcu")

    let name: String
    let birth = ForkGuard.shared.currentGeneration()
    let bound: Int
    let counters: ReadCounters
    let gracePeriods: GracePeriods
    let batches = CallbackBatches()
    private let finished = Atomic<Int>(0)

    // Written in Housekeeping.swift.
    let activity = Atomic<UInt32>(Activity.idle)
    let wanted = Atomic<UInt64>(0)
    let isUnattended = Atomic<Bool>(false)
    let submit: @Sendable (WorkItem, Int64) -> Void

    init(
        _ name: String, bound: Int, topology: Topology, capabilities: Capabilities, fence: ReaderFence,
        submit: (@Sendable (WorkItem, Int64) -> Void)?
    ) {
        self.name = name
        self.bound = bound
        counters = ReadCounters(topology: topology, capabilities: capabilities)
        gracePeriods = GracePeriods(counters, topology: topology, fence: fence)
        self.submit =
            submit ?? { item, due in
                if let ticket = item.queue(at: due) { Self.queue.submitToHousekeeper(ticket) }
            }
    }

    deinit {
        // Only if no thread could be started since the domain ended is anything left, and then there are no
        // readers.
        batches.gather(from: counters, gracePeriods)
        while runReady(after: .max, limit: .max) > 0 {}
        counters.unmap()
    }

    /// Callbacks that were queued and have not been run.
    var pending: Int { counters.totalQueued - finished.load(ordering: .relaxed) }
}

// MARK: - Waiting

extension RCUEngine {
    /// Waits for a grace period that begins after the call, moving it on.
    func synchronize() {
        let number = gracePeriods.next()
        var backoff = Backoff()
        while !gracePeriods.advance(to: number) { pause(&backoff) }
    }

    /// Waits for every callback that was queued before, leaving it to the housekeeping thread to run them.
    func barrier() {
        let last = batches.gather(from: counters, gracePeriods)
        guard !batches.isFinished(last) else { return }
        hurry()
        var backoff = Backoff()
        while !batches.isFinished(last) {
            attend()
            pause(&backoff)
        }
    }

    /// Waits until no more than `bound` callbacks are pending, and runs them itself unless its CPU must be
    /// left alone.
    func relieve() {
        guard pending > bound else { return }
        hurry()
        var backoff = Backoff()
        while pending > bound {
            if !counters.isQuietHere && serve(limit: Self.batchSize / 4) > 0 {
                backoff = Backoff()
            } else {
                attend()
                pause(&backoff)
            }
        }
        activate()
    }

    private func pause(_ backoff: inout Backoff) {
        ForkGuard.shared.assertUsable(name, since: birth)
        backoff.pause { System.sleep(nanoseconds: $0) }
    }
}

// MARK: - Serving

extension RCUEngine {
    /// Whether the calling thread is in a callback of any domain: then it must not wait for, nor run, others.
    static var isInCallback: Bool { RCUThread.current().pointee.callbacks > 0 }

    /// Gathers callbacks, moves their grace period on without sleeping, and runs what is ready; returns how
    /// many.
    func serve(limit: Int) -> Int {
        batches.gather(from: counters, gracePeriods)
        let goal = goal
        var backoff = Backoff()
        var mayGoOn = true
        while !gracePeriods.advance(to: goal) && mayGoOn { backoff.pause { _ in mayGoOn = false } }
        return runReady(after: gracePeriods.count, limit: limit)
    }

    /// The last grace period that anybody waits for without moving it on himself.
    var goal: UInt64 { max(batches.lastGracePeriod, wanted.load(ordering: .sequentiallyConsistent)) }

    private func runReady(after completed: UInt64, limit: Int) -> Int {
        var total = 0
        let thread = RCUThread.current()
        while total < limit, let (batch, chain) = batches.takeReady(completed) {
            thread.pointee.callbacks += 1
            let (ran, rest) = chain.run(limit: limit - total)
            thread.pointee.callbacks -= 1
            finished.wrappingAdd(ran, ordering: .relaxed)
            batches.finish(batch, rest: rest)
            total += ran
        }
        return total
    }
}
