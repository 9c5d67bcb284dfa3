// Callbacks after they were gathered from the CPUs' lists.
//
// A batch is what was gathered before one grace period began. It is open until its last chain has been run;
// chains are run by whoever takes them, one thread each. Everything here is under one mutex, which nobody
// holds while he runs a callback.
//
// `gather` empties the lists and opens the batch under the mutex, so a callback that was queued is on a list,
// or in an open batch, or has been run: there is no moment at which a barrier could overlook it. Batches are
// numbered in the order in which they are opened; a barrier waits for the lowest open number to exceed the
// last one that it knows.
final class CallbackBatches: Sendable {
    private struct Batch {
        let number: UInt64
        /// The grace period after which its callbacks may run.
        let gracePeriod: UInt64
        var chains: [CallbackChain]
        /// The chains that are still here, and those that somebody is running.
        var unfinished: Int
    }

    private struct State {
        var open: [Batch] = []
        var lastNumber: UInt64 = 0
        var waiting: [(last: UInt64, done: @Sendable () -> Void)] = []

        var lowestOpen: UInt64 { open.first?.number ?? .max }
    }

    private let state = Guarded(State())

    /// Opens a batch for all that is on the CPUs' lists; returns the number of the last batch.
    @discardableResult
    func gather(from counters: ReadCounters, _ gracePeriods: GracePeriods) -> UInt64 {
        state.withLock { state in
            let chains = CallbackChain.takeAll(from: counters)
            guard !chains.isEmpty else { return state.lastNumber }
            let gracePeriod = gracePeriods.next()
            if let last = state.open.indices.last, state.open[last].gracePeriod == gracePeriod {
                state.open[last].chains += chains
                state.open[last].unfinished += chains.count
            } else {
                state.lastNumber += 1
                state.open.append(
                    Batch(
                        number: state.lastNumber, gracePeriod: gracePeriod, chains: chains,
                        unfinished: chains.count))
            }
            return state.lastNumber
        }
    }

    /// The grace period that the youngest batch waits for; zero without one.
    var lastGracePeriod: UInt64 { state.withLock { $0.open.last?.gracePeriod ?? 0 } }

    /// Whether there are chains that nobody runs.
    var hasChains: Bool { state.withLock { state in state.open.contains { !$0.chains.isEmpty } } }

    /// Whether there are chains that could be run once `completed` grace periods are over.
    func hasReady(_ completed: UInt64) -> Bool {
        state.withLock { state in
            state.open.contains { $0.gracePeriod <= completed && !$0.chains.isEmpty }
        }
    }

    /// A chain whose grace period is over, for the caller to run and then to pass to ``finish(_:rest:)``.
    func takeReady(_ completed: UInt64) -> (batch: UInt64, chain: CallbackChain)? {
        state.withLock { state in
            for index in state.open.indices {
                guard state.open[index].gracePeriod <= completed else { return nil }
                if let chain = state.open[index].chains.popLast() { return (state.open[index].number, chain) }
            }
            return nil
        }
    }

    /// Ends the running of a chain of batch `number`; what was not run goes back.
    func finish(_ number: UInt64, rest: CallbackChain?) {
        let done = state.withLock { state -> [@Sendable () -> Void] in
            let index = state.open.firstIndex { $0.number == number }!
            if let rest {
                state.open[index].chains.append(rest)
                return []
            }
            state.open[index].unfinished -= 1
            guard state.open[index].unfinished == 0 else { return [] }
            state.open.remove(at: index)
            let lowest = state.lowestOpen
            let done = state.waiting.filter { $0.last < lowest }
            state.waiting.removeAll { $0.last < lowest }
            return done.map(\.done)
        }
        for function in done { function() }
    }

    /// Whether every callback of batch `number` and of those before it has been run.
    func isFinished(_ number: UInt64) -> Bool { state.withLock { number < $0.lowestOpen } }

    /// Calls `done` once that is so: here if it is, else from whoever runs the last callback.
    func whenFinished(_ number: UInt64, _ done: @escaping @Sendable () -> Void) {
        let isFinished = state.withLock { state in
            let isFinished = number < state.lowestOpen
            if !isFinished { state.waiting.append((number, done)) }
            return isFinished
        }
        if isFinished { done() }
    }
}
