/// What a thread of a torture is doing: for the last events, and for who asks why it does not come back.
enum Deed: UInt8, Sendable {
    case own = 1
    case tryOwn, ownMasked, remote, remoteInTime, remoteTry, hold
    case add, drain
    case queue, flush, cancel, safepoint
    case read, synchronize, call, barrier, poll
    case allocate, deallocate, prefill, shrink
    case drainOne, mark, pin, remove, reclaim, look, load
    case handler

    var text: String {
        switch self {
        case .own: "takes its own slot"
        case .tryOwn: "tries its own slot"
        case .ownMasked: "takes its own slot with signals blocked"
        case .remote: "works on a slot from elsewhere"
        case .remoteInTime: "works on a slot from elsewhere, with a time-out"
        case .remoteTry: "tries a slot from elsewhere"
        case .hold: "is in a slot"
        case .add: "adds to its batch"
        case .drain: "drains all CPUs"
        case .queue: "queues work"
        case .flush: "flushes work"
        case .cancel: "cancels work"
        case .safepoint: "is at a safepoint"
        case .read: "is in a read section"
        case .synchronize: "waits for a grace period"
        case .call: "calls back"
        case .barrier: "waits for callbacks"
        case .poll: "polls a grace period"
        case .allocate: "allocates"
        case .deallocate: "frees"
        case .prefill: "sets objects aside"
        case .shrink: "flushes and shrinks the cache"
        case .drainOne: "drains the batches"
        case .mark: "says that folios are used"
        case .pin: "pins or unpins folios"
        case .remove: "removes folios"
        case .reclaim: "evicts folios"
        case .look: "looks something up"
        case .load: "loads a value"
        case .handler: "handles a signal"
        }
    }
}
