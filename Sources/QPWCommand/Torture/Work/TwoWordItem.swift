import QPW
import Synchronization

// What is done, and who waits for it, in two words: as it once was in WorkItem.swift, and wrong. A completer who has
// advanced the number, which the flusher still finds too low, may clear the bit that was meant for the next.

/// Work with a defect: its flusher may sleep for ever. One thread asks and flushes, another runs.
final class TwoWordItem: @unchecked Sendable {
    private let asked = Atomic<UInt32>(0)
    private let completed: UnsafeMutablePointer<Atomic<UInt32>>
    private let waiters = Atomic<UInt32>(0)
    private let isRescued = Atomic<Bool>(false)

    init() {
        completed = .allocate(capacity: 1)
        completed.initialize(to: Atomic(0))
    }

    deinit { completed.deallocate() }

    func queue() { asked.wrappingAdd(1, ordering: .releasing) }

    /// Runs one queueing, if there is one.
    func serve() {
        let done = completed.pointee.load(ordering: .relaxed)
        guard asked.load(ordering: .acquiring) != done else { return }
        completed.pointee.store(done &+ 1, ordering: .sequentiallyConsistent)
        // Others get in here: by themselves they seldom would.
        ThreadLuck.dawdle(UInt64(done % 64))
        if waiters.exchange(0, ordering: .sequentiallyConsistent) != 0 {
            System.wakeAll(UnsafeRawPointer(completed))
        }
    }

    func flush() {
        let target = asked.load(ordering: .relaxed)
        while !isRescued.load(ordering: .relaxed) {
            waiters.bitwiseOr(1, ordering: .sequentiallyConsistent)
            let seen = completed.pointee.load(ordering: .sequentiallyConsistent)
            if Int32(bitPattern: seen &- target) >= 0 { return }
            ThreadLuck.dawdle(UInt64(target % 32))
            System.wait(on: UnsafeRawPointer(completed), expected: seen, nanoseconds: nil)
        }
    }

    var plight: String {
        "\(asked.load(ordering: .relaxed)) were queued, \(completed.pointee.load(ordering: .relaxed)) are done, "
            + "and nobody knows that it waits"
    }

    func rescue() {
        isRescued.store(true, ordering: .relaxed)
        // The word changes, so that who is about to sleep does not.
        completed.pointee.wrappingAdd(1 << 20, ordering: .sequentiallyConsistent)
        System.wakeAll(UnsafeRawPointer(completed))
    }
}
