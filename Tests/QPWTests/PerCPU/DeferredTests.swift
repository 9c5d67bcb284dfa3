#if QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

extension CoreTests {
    /// Work that is left on a slot for its owner.
    @Suite(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)")) struct DeferredTests {
        private static let patient = QPWPolicy.deferred(escalateAfter: nil)

        private static func hasWork(_ cell: Cell<Int>, _ cpu: CPU) -> Bool {
            cell.slots.table.slot(of: cpu).pending.pointee.load(ordering: .acquiring) & Pending.deferred != 0
        }

        /// By hand: a task that performs could run on the slot's own CPU, and then needs no owner.
        private static func leave(_ items: [WorkItem], on cell: Cell<Int>) throws {
            let table = cell.slots.table
            for item in items {
                table.leaveWork(try #require(item.queue()), on: table.slot(of: Machine.last))
            }
        }

        @Test func runsOnTheOwnersThreadWhenItLeavesTheSlot() async throws {
            let cell = Cell(policy: Self.patient)
            let order = Guarded<[Int]>([]), threads = Guarded<Set<UInt>>([])
            let sitter = Sitter(on: Machine.last, in: cell)
            let items = (0..<3).map { number in
                WorkItem {
                    cell.slots.assertHeld(Machine.last)
                    order.withLock { $0.append(number) }
                    _ = threads.withLock { $0.insert(thisThread()) }
                }
            }
            try Self.leave(items, on: cell)
            #expect(order.withLock { $0.isEmpty })
            sitter.leave()
            #expect(order.withLock { $0 } == [0, 1, 2])
            #expect(threads.withLock { $0 } == [sitter.threadID])
        }

        @Test func anAsyncCallerWaitsForTheOwner() async throws {
            let cell = Cell(policy: Self.patient)
            let isOver = Flag()
            let owner = TestThread(on: Machine.last) {
                while !isOver.isRaised {
                    cell.slots.safepoint()
                    System.sleep(nanoseconds: 100_000)
                }
            }
            for round in 1...20 {
                let value = await cell.slots.perform(on: Machine.last) { value in
                    value += 1
                    return value
                }
                #expect(value == round)
            }
            isOver.raise()
            owner.join()
        }

        @Test func isRunBySafepointAndNeverByTryWithLocal() async throws {
            let cell = Cell(policy: Self.patient)
            let runs = Tally()
            let item = WorkItem { _ = runs.add() }
            try Self.leave([item], on: cell)
            try await onThread(on: Machine.last) {
                let entered = cell.slots.tryWithLocal { _, _ in true }
                #expect(entered == true)
                #expect(runs.count == 0)
                #expect(Self.hasWork(cell, Machine.last))
                cell.slots.safepoint()
                #expect(runs.count == 1)
                #expect(!Self.hasWork(cell, Machine.last))
                cell.slots.safepoint()
            }
            #expect(runs.count == 1)
            #expect(!item.isPending)
        }

        /// Work takes locks itself: it runs where the owner says that he holds none.
        @Test func workOfALockRunsAtItsSafepoint() async throws {
            let lock = QPWLock(policy: Self.patient)
            let threads = Guarded<[UInt]>([])
            let work = PerCPUWork(lock, cpu: Machine.last) { cpu in
                lock.lock(cpu)
                threads.withLock { $0.append(thisThread()) }
                lock.unlock(cpu)
            }
            try await onThread(on: Machine.first) {
                #expect(work.queue(on: Machine.last))
                // Another CPU's owner has nothing to do with it.
                lock.safepoint()
                #expect(work.isPending)
            }
            try await onThread(on: Machine.last) {
                lock.unlockAfterTry(try #require(lock.tryLock()))
                lock.unlockLocal(lock.lockLocal())
                #expect(work.isPending)
                lock.safepoint()
                #expect(!work.isPending)
                #expect(threads.withLock { $0 } == [thisThread()])
                lock.safepoint()
            }
            #expect(threads.withLock { $0.count } == 1)
        }

        @Test func theCallerEscalatesWhenTheOwnerDoesNotComeBy() async throws {
            let cell = Cell(policy: .deferred(escalateAfter: .milliseconds(2)))
            let caller = try await onThread(on: Machine.first) {
                let runner = cell.slots.perform(on: Machine.last) { _ in thisThread() }
                return runner == thisThread()
            }
            #expect(caller)
        }

        @Test func aTimeOutNeedsNoDeadlineInThePolicy() async throws {
            let cell = Cell(policy: Self.patient)
            let runs = Tally()
            try await onThread(on: Machine.first) {
                _ = #expect(throws: QPWTimeout.self) {
                    try cell.slots.perform(on: Machine.last, timeout: .milliseconds(5)) { _ in
                        _ = runs.add()
                    }
                }
            }
            try await onThread(on: Machine.last) { cell.slots.withLocal { _, _ in } }
            #expect(runs.count == 0)
        }

        @Test func blockingCallsTrapWithoutADeadline() async {
            let perform = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { Blocking.perform() }
            expectMessage("perform on 'patient'", "Use the async form", in: perform)
            let drain = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Blocking.drain()
            }
            expectMessage("drain on 'patient'", in: drain)
            let flush = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Blocking.flush()
            }
            expectMessage("PerCPUWork.flush on 'patient'", in: flush)
        }
    }
}

/// Synchronous, since the calls are not for async functions.
private enum Blocking {
    static func perform() {
        Cell("patient", policy: .deferred(escalateAfter: nil)).slots.perform(on: 0) { _ in }
    }

    static func drain() {
        Cell("patient", policy: .deferred(escalateAfter: nil)).slots.drain(where: { _ in true }) { _, _ in }
    }

    static func flush() {
        let lock = QPWLock("patient", policy: .deferred(escalateAfter: nil))
        PerCPUWork(lock, cpu: 0) { _ in }.flush()
    }
}
#endif
