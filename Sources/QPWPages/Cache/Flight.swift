import QPW
import Synchronization

// field   | who writes                                     | under     | memory order
// --------|------------------------------------------------|-----------|---------------------------------------
// state   | who loads, who waits, who gives up waiting     | the mutex | none
// landed  | who loads, once, after the result is in state  | nothing   | store release; waiters load acquire
//
// A thread that waits sleeps on `landed`; a task leaves its continuation in the state, to be resumed by who loads, or by
// whoever cancels it: the one who takes it out.

/// A load that is under way, and those who wait for it.
final class Flight<Value: Sendable>: @unchecked Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var tasks: [Int: CheckedContinuation<Value, any Error>] = [:]
        var nextTask = 0
        /// Who would still take the result, who loads included: threads, and tasks that were not cancelled.
        var audience = 1
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Guarded(State())
    private let landed: UnsafeMutablePointer<Atomic<UInt32>>
    /// The thread that loads; nil if a task does, which has none of its own.
    private let pilot: UInt32?
    /// Whether the key was written or removed since it began: then what it brings is not kept. Under the registry's mutex.
    var isStale = false

    init(loadedBy thread: UInt32?) {
        pilot = thread
        landed = .allocate(capacity: 1)
        landed.initialize(to: Atomic(0))
    }

    deinit { landed.deallocate() }

    /// Gives the result to all who wait, and to who comes later.
    func land(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state in
            state.result = result
            state.cancel = nil
            defer { state.tasks = [:] }
            return state.tasks.values
        }
        landed.pointee.store(1, ordering: .releasing)
        System.wakeAll(UnsafeRawPointer(landed))
        for task in waiting { task.resume(with: result) }
    }

    /// Before somebody else than who loads waits. False if nobody wanted the result any more: then the load is being stopped.
    func join() -> Bool {
        state.withLock { state in
            guard state.audience > 0 else { return false }
            state.audience += 1
            return true
        }
    }

    /// Waits for the result, sleeping.
    func wait(named name: String) throws -> Value {
        if pilot == System.threadID(), result == nil {
            trap("'\(name)': a loader asks for the key that it loads, and would wait for itself.")
        }
        while landed.pointee.load(ordering: .acquiring) == 0 {
            System.wait(on: UnsafeRawPointer(landed), expected: 0, nanoseconds: nil)
        }
        return try result!.get()
    }

    private var result: Result<Value, any Error>? { state.withLock { $0.result } }
}

// MARK: - Tasks

extension Flight {
    /// How to stop the load once nobody wants its result any more.
    func onAbandoned(_ cancel: @escaping @Sendable () -> Void) {
        state.withLock { if $0.result == nil { $0.cancel = cancel } }
    }

    /// Waits for the result without blocking the thread; throws `CancellationError` if the caller's task is cancelled first.
    ///
    /// The load goes on as long as anybody else waits for it.
    func value() async throws -> Value {
        let number = state.withLock { state in
            state.nextTask += 1
            return state.nextTask
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0, number) }
        } onCancel: {
            giveUp(number)
        }
    }

    private func wait(_ task: CheckedContinuation<Value, any Error>, _ number: Int) {
        let result = state.withLock { state -> Result<Value, any Error>? in
            if let result = state.result { return result }
            // The cancellation may have come first: it found nothing to resume then.
            if Task.isCancelled { return .failure(CancellationError()) }
            state.tasks[number] = task
            return nil
        }
        if let result { task.resume(with: result) }
    }

    private func giveUp(_ number: Int) {
        let (task, cancel) = state.withLock { state in
            state.audience -= 1
            let cancel = state.audience == 0 ? state.cancel : nil
            return (state.tasks.removeValue(forKey: number), cancel)
        }
        task?.resume(throwing: CancellationError())
        cancel?()
    }
}
