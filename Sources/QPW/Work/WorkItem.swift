import Synchronization

// A function and the state that says when it is to run. Everything that one thread hands to another is a work item: a
// `PerCPUWork`, a body that `perform` or `drain` sends to a worker, and one that it leaves on a slot.
//
// field         | who writes                                | memory order
// --------------|-------------------------------------------|------------------------------------------------
// state         | everybody, by compare-and-exchange        | acquire-release
// completed     | who finishes or cancels a queueing        | read-modify-write; its number goes only forward
//               | who waits, to set his bit                 | compare-and-exchange
// continuations | everybody, under their mutex              |
// runner        | who is in the function, in debug builds   | relaxed: a thread looks only for its own id, which
//               |                                           | nobody else writes
//
// state = number of the last queueing << 32 | times disabled << 8 | flags
//
// The number wraps around; it is the highest part, so nothing lies beyond it. Each thread that disables an item waits in
// it until it enables it again, so 24 bits suffice: Linux has 2^22 threads at most.
//
// Each queueing has a number, and its `Ticket` bears it: a ticket whose queueing was cancelled, or run by somebody else,
// finds another number or the item not pending, and does nothing. So an item may be on several lists at once, and runs
// once for each queueing. It runs on one thread at a time: who finds `running` set leaves `again` to the runner, who looks
// before he clears `running`.
//
// completed = number of the last queueing that is done << 2 | tasks wait << 1 | threads sleep
//
// No wake-up of a flusher is lost, because one word says what is done and who waits for it. A flusher sets his bit by a
// compare-and-exchange on the number that he has read as too low, and sleeps on the word with that bit: who completes
// changes the number and clears the bits in one exchange, so either the flusher's exchange fails, or his sleep does, or
// the bit was there to be seen. (A bit in a word of its own is not enough: a completer who has advanced the number, which
// the flusher still finds too low, may clear the bit that was meant for the next.)
package final class WorkItem: @unchecked Sendable {
    private enum Flag {
        /// The function is to run once more.
        static let pending: UInt64 = 1
        /// Somebody is in the function.
        static let running: UInt64 = 2
        /// `pending`, and its ticket has come up while `running`: the runner is to run it.
        static let again: UInt64 = 4
        static let disabled: UInt64 = 1 << 8
        static let disabledMask: UInt64 = 0xFF_FFFF << 8
        static let queueing: UInt64 = 1 << 32
    }

    private enum Waiting {
        static let threads: UInt32 = 1
        static let tasks: UInt32 = 2
        static let mask: UInt32 = 3
    }

    private let state = Atomic<UInt64>(0)
    private let completed: UnsafeMutablePointer<Atomic<UInt32>>
    private let continuations = Guarded<[(target: UInt32, continuation: CheckedContinuation<Void, Never>)]>([]
    )
    private let function: @Sendable () -> Void
    #if DEBUG
    /// The thread that is in the function, to tell a flush that waits for itself.
    private let runner = Atomic<UInt32>(0)
    #endif

    package init(_ run: @escaping @Sendable () -> Void) {
        function = run
        completed = .allocate(capacity: 1)
        completed.initialize(to: Atomic(0))
    }

    deinit {
        completed.deinitialize(count: 1)
        completed.deallocate()
    }

    package var isPending: Bool { state.load(ordering: .acquiring) & Flag.pending != 0 }
}

// MARK: - Queueing

extension WorkItem {
    /// Makes the item pending; the caller puts the ticket on a list. Nil if it is pending already, or disabled.
    package func queue(at due: Int64 = 0) -> Ticket? {
        let (before, exchanged) = update { state in
            guard state & (Flag.pending | Flag.disabledMask) == 0 else { return nil }
            return (state | Flag.pending) &+ Flag.queueing
        }
        return exchanged ? Ticket(self, number: Self.number(before) &+ 1, due: due) : nil
    }

    /// Another ticket, due now, for a queueing that is pending; nil if there is none.
    package func hurriedTicket() -> Ticket? {
        let state = state.load(ordering: .acquiring)
        return state & Flag.pending == 0 ? nil : Ticket(self, number: Self.number(state), due: 0)
    }

    /// Queues the item and runs it here, now; false if it is pending already, or disabled.
    ///
    /// If it is running, here or elsewhere, its runner runs it once more: an item that queues itself loops and does
    /// not recurse.
    package func runInline() -> Bool {
        let (before, exchanged) = update { state in
            guard state & (Flag.pending | Flag.disabledMask) == 0 else { return nil }
            let flags = state & Flag.running == 0 ? Flag.running : Flag.pending | Flag.again
            return (state | flags) &+ Flag.queueing
        }
        if exchanged && before & Flag.running == 0 { runUntilDone() }
        return exchanged
    }

    /// Undoes a queueing that has not begun to run; false if there was none.
    package func cancel() -> Bool {
        let (before, exchanged) = update { state in
            state & Flag.pending == 0 ? nil : state & ~(Flag.pending | Flag.again)
        }
        // While it runs, an earlier queueing is not done yet: the runner completes both.
        if exchanged && before & Flag.running == 0 { complete(Self.number(before)) }
        return exchanged
    }

    /// Until ``enable()``, nobody can queue the item, itself included. Calls nest, 2^24 deep.
    package func disable() {
        update { state in
            precondition(state & Flag.disabledMask != Flag.disabledMask, "QPW: work is disabled too often")
            return state + Flag.disabled
        }
    }

    package func enable() {
        update { state in
            precondition(state & Flag.disabledMask != 0, "QPW: work is enabled more often than disabled")
            return state - Flag.disabled
        }
    }
}

// MARK: - Running

extension WorkItem {
    /// Runs the pending queueing, if any, here instead of where it was put; false if there is none or it is running.
    @discardableResult
    package func steal() -> Bool {
        let (_, exchanged) = update { state in
            guard state & (Flag.pending | Flag.running) == Flag.pending else { return nil }
            return (state & ~Flag.pending) | Flag.running
        }
        if exchanged { runUntilDone() }
        return exchanged
    }

    /// Whether a ticket's queueing has still to run.
    func isCurrent(_ number: UInt32) -> Bool {
        let state = state.load(ordering: .acquiring)
        return state & Flag.pending != 0 && Self.number(state) == number
    }

    func run(_ number: UInt32) {
        let (before, exchanged) = update { state in
            guard state & Flag.pending != 0 && Self.number(state) == number else { return nil }
            return state & Flag.running == 0 ? (state & ~Flag.pending) | Flag.running : state | Flag.again
        }
        if exchanged && before & Flag.running == 0 { runUntilDone() }
    }

    /// With `running` set by the caller.
    private func runUntilDone() {
        while true {
            callFunction()
            inject(.ran)
            let (before, _) = update { state in
                state & Flag.again == 0 ? state & ~Flag.running : state & ~(Flag.pending | Flag.again)
            }
            // What is queued and not yet run is at most the last queueing: all earlier ones are done or cancelled.
            complete(before & Flag.pending == 0 ? Self.number(before) : Self.number(before) &- 1)
            if before & Flag.again == 0 { return }
        }
    }

    private func callFunction() {
        #if DEBUG
        runner.store(System.threadID(), ordering: .relaxed)
        defer { runner.store(0, ordering: .relaxed) }
        #endif
        function()
    }

    /// Traps in debug builds if the caller is in the function, which would wait for its own end.
    package func assertNotRunner(_ operation: StaticString) {
        #if DEBUG
        if runner.load(ordering: .relaxed) == System.threadID() {
            trap(
                "\(operation) from the work's own function waits for itself: return, and let the caller flush."
            )
        }
        #endif
    }

    private func complete(_ number: UInt32) {
        var seen = completed.pointee.load(ordering: .relaxed)
        while Self.isBefore(seen, number) {
            inject(.complete)
            let result = completed.pointee.compareExchange(
                expected: seen, desired: number << 2, ordering: .sequentiallyConsistent)
            if result.exchanged {
                inject(.complete)
                if seen & Waiting.threads != 0 { System.wakeAll(UnsafeRawPointer(completed)) }
                if seen & Waiting.tasks != 0 { resumeTasks() }
                return
            }
            seen = result.original
        }
    }
}

// MARK: - Flushing

extension WorkItem {
    /// Waits until the last queueing before this call has run or was cancelled; false if `deadline` came first.
    package func flush(deadline: Int64? = nil) -> Bool {
        unfinished().map { flush(through: $0, deadline: deadline) } ?? true
    }

    /// As ``flush(deadline:)``, for the queueing of that number and all before it.
    package func flush(through target: UInt32, deadline: Int64?) -> Bool {
        while true {
            let seen = completed.pointee.load(ordering: .acquiring)
            guard Self.isBefore(seen, target) else { return true }
            let remaining = deadline.map { $0 - MonotonicClock.now() }
            if let remaining, remaining <= 0 { return false }
            inject(.flush)
            guard noteWaiting(Waiting.threads, at: seen) else { continue }
            inject(.flush)
            System.wait(
                on: UnsafeRawPointer(completed), expected: seen | Waiting.threads, nanoseconds: remaining)
        }
    }

    /// Sets the bit of who waits, unless the word has changed since it was seen.
    private func noteWaiting(_ waiting: UInt32, at seen: UInt32) -> Bool {
        completed.pointee.compareExchange(
            expected: seen, desired: seen | waiting, ordering: .sequentiallyConsistent
        ).exchanged
    }

    /// As ``flush(deadline:)``, without blocking the thread.
    package func flush() async {
        guard let target = unfinished() else { return }
        await withCheckedContinuation { continuation in
            continuations.withLock { $0.append((target, continuation)) }
            resumeTasks()
        }
    }

    /// The number of the last queueing, if it has still to run or to end.
    package func unfinished() -> UInt32? {
        let state = state.load(ordering: .acquiring)
        return state & (Flag.pending | Flag.running) == 0 ? nil : Self.number(state)
    }

    /// Resumes those whose queueing is done; for the others, has the next completion look again.
    private func resumeTasks() {
        while true {
            let seen = completed.pointee.load(ordering: .sequentiallyConsistent)
            let (ready, left) = continuations.withLock { waiting in
                let ready = waiting.filter { !Self.isBefore(seen, $0.target) }
                waiting.removeAll { !Self.isBefore(seen, $0.target) }
                return (ready, !waiting.isEmpty)
            }
            for entry in ready { entry.continuation.resume() }
            if !left || noteWaiting(Waiting.tasks, at: seen) { return }
        }
    }
}

// MARK: - The words

extension WorkItem {
    private static func number(_ state: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: state >> 32) }

    /// Whether `completed`, as seen, has not come to that queueing. Numbers wrap around: what lies less than 2^29 queueings
    /// ahead is later.
    private static func isBefore(_ completed: UInt32, _ number: UInt32) -> Bool {
        Int32(bitPattern: (completed & ~Waiting.mask) &- number << 2) < 0
    }

    /// Replaces the state by what `change` makes of it, until nobody interferes or `change` says nil.
    @discardableResult
    private func update(_ change: (UInt64) -> UInt64?) -> (before: UInt64, exchanged: Bool) {
        var seen = state.load(ordering: .acquiring)
        while true {
            guard let wanted = change(seen) else { return (seen, false) }
            inject(.update)
            let result = state.weakCompareExchange(
                expected: seen, desired: wanted, ordering: .acquiringAndReleasing)
            if result.exchanged { return (seen, true) }
            seen = result.original
        }
    }
}
