import QPW

/// Mutual exclusion that a thread can block for and a task can await: first come, first served.
///
/// Who leaves hands the gate to the first who waits, by completing his work item. For what takes microseconds or longer.
final class DrainGate: Sendable {
    private struct State {
        var isHeld = false
        var waiting: [Ticket] = []
    }

    private let state = Guarded(State())

    func enter() {
        _ = ticketToWaitFor()?.flush()
    }

    func enter() async {
        await ticketToWaitFor()?.flush()
    }

    /// False, and the gate is not the caller's, if the deadline came first.
    func enter(until deadline: Int64) -> Bool {
        guard let item = ticketToWaitFor(), !item.flush(deadline: deadline) else { return true }
        let isWithdrawn = state.withLock { state in
            let before = state.waiting.count
            state.waiting.removeAll { $0.item === item }
            return state.waiting.count < before
        }
        // Else it has been handed over meanwhile.
        return !isWithdrawn
    }

    func leave() {
        let next = state.withLock { state -> Ticket? in
            guard !state.waiting.isEmpty else {
                state.isHeld = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.run()
    }

    /// How many wait. For tests, which must know that somebody has come so far.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Nil if the gate is now the caller's; else an item that completes once it is.
    private func ticketToWaitFor() -> WorkItem? {
        state.withLock { state in
            guard state.isHeld else {
                state.isHeld = true
                return nil
            }
            let item = WorkItem {}
            guard let ticket = item.queue() else { return nil }
            state.waiting.append(ticket)
            return item
        }
    }
}
