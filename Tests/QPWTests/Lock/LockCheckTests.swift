#if DEBUG
import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    /// Every rule that a caller can break traps in a debug build, and says what to do instead.
    @Suite struct LockCheckTests {
        @Test(arguments: everyPolicy.map(\.description))
        func enteringAStructureTwice(name: String) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [name = name as String] in
                Misuse.nest(policy(named: name))
            }
            expectMessage(
                "QPW: 'outer' is entered while this thread holds it", "use tryWithLocal", in: result)
        }

        @Test func enteringTwoStructuresInBothOrders() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Misuse.invert()
            }
            expectMessage("'apples' is entered while holding 'pears'", "Take them in one order", in: result)
        }

        @Test func enteringThreeStructuresInACircle() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Misuse.circle()
            }
            expectMessage("'apples' is entered while holding 'plums'", "by way of others", in: result)
        }

        /// The twin: one order everywhere is no complaint, however often and deep.
        @Test func enteringThreeStructuresInOneOrderIsFine() async {
            await #expect(processExitsWith: .success) { Misuse.oneOrder() }
        }

        @Test(arguments: everyPolicy.map(\.description))
        func remoteWorkWhileHolding(name: String) async {
            let perform = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [name = name as String] in Misuse.performHolding(policy(named: name)) }
            expectMessage(
                "perform on 'outer' while holding 'inner' on CPU", "Leave the slot first", in: perform)
            let drain = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [name = name as String] in Misuse.drainHolding(policy(named: name)) }
            expectMessage("drain on 'outer' while holding 'inner' on CPU", in: drain)
            let flush = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [name = name as String] in Misuse.flushHolding(policy(named: name)) }
            expectMessage("PerCPUWork.flush on 'door' while holding 'inner' on CPU", in: flush)
        }

        @Test(arguments: everyPolicy.map(\.description))
        func queueingWorkWhileHolding(name: String) async {
            let atOnce = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [name = name as String] in Misuse.queueHolding(policy(named: name)) }
            expectMessage("PerCPUWork.queue on 'door' while holding 'inner' on CPU", in: atOnce)
            let later = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) { [name = name as String] in Misuse.queueLaterHolding(policy(named: name)) }
            expectMessage("PerCPUWork.queue on 'door' while holding 'inner' on CPU", in: later)
        }

        @Test func drainingAQueueWhileHolding() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Misuse.drainQueueHolding()
            }
            expectMessage("WorkQueue.drain on 'jobs' while holding 'inner' on CPU", in: result)
        }

        @Test(arguments: everyPolicy.map(\.description))
        func leavingWhatIsNotHeld(name: String) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [name = name as String] in
                Misuse.leave(policy(named: name))
            }
            expectMessage("'door' is left on CPU 0 by a thread that does not hold it", in: result)
        }

        @Test(arguments: everyPolicy.map(\.description))
        func leavingWhatAnotherThreadHolds(name: String) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [name = name as String] in
                Misuse.leaveForAnother(policy(named: name))
            }
            expectMessage("by a thread that does not hold it", in: result)
        }

        @Test func assertingWhatIsNotHeld() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Cell("outer", policy: .queue).slots.assertHeld(0)
            }
            expectMessage("assertHeld: this thread does not hold 'outer' on CPU 0", in: result)
            let mark = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Cell("outer", policy: .queue).slots.markDirty(0)
            }
            expectMessage("does not hold 'outer' on CPU 0", in: mark)
            let unmark = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Cell("outer", policy: .queue).slots.unmark(0, .all)
            }
            expectMessage("does not hold 'outer' on CPU 0", in: unmark)
        }

        @Test(
            .enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"),
            arguments: everyPolicy.filter { ["queue", "rtQueue"].contains($0.name) }.map(\.description))
        func namingAnotherCPUWhereWorkIsQueued(name: String) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [name = name as String] in
                Misuse.lockElsewhere(policy(named: name))
            }
            expectMessage("of 'door' on another CPU, under \(name)", "Queue a PerCPUWork to it", in: result)
        }

        @Test func queueingWorkOnAnotherCPU() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Misuse.queueElsewhere()
            }
            expectMessage("work of 'door' for CPU 0 is queued on CPU 1: queue it on its own CPU", in: result)
        }
    }
}

/// Synchronous, since the calls are not for async functions.
private enum Misuse {
    static func nest(_ policy: QPWPolicy) {
        let cell = Cell("outer", policy: policy)
        cell.slots.withLocal { _, _ in cell.slots.withLocal { _, _ in } }
    }

    private static func enter(_ outer: Cell<Int>, then inner: Cell<Int>) {
        outer.slots.withLocal { _, _ in inner.slots.withLocal { _, _ in } }
    }

    static func invert() {
        let apples = Cell("apples", policy: .queue), pears = Cell("pears", policy: .queue)
        enter(apples, then: pears)
        enter(pears, then: apples)
    }

    static func circle() {
        let apples = Cell("apples", policy: .queue), pears = Cell("pears", policy: .queue)
        let plums = Cell("plums", policy: .queue)
        enter(apples, then: pears)
        enter(pears, then: plums)
        enter(plums, then: apples)
    }

    static func oneOrder() {
        let apples = Cell("apples", policy: .queue), pears = Cell("pears", policy: .queue)
        let plums = Cell("plums", policy: .queue)
        for _ in 0..<3 {
            enter(apples, then: pears)
            enter(pears, then: plums)
            enter(apples, then: plums)
        }
    }

    static func performHolding(_ policy: QPWPolicy) {
        let outer = Cell("outer", policy: policy), inner = Cell("inner", policy: .queue)
        inner.slots.withLocal { _, cpu in outer.slots.perform(on: cpu) { _ in } }
    }

    static func drainHolding(_ policy: QPWPolicy) {
        let outer = Cell("outer", policy: policy), inner = Cell("inner", policy: .queue)
        inner.slots.withLocal { _, _ in outer.slots.drain { _, _ in } }
    }

    static func flushHolding(_ policy: QPWPolicy) {
        let lock = QPWLock("door", policy: policy), inner = Cell("inner", policy: .queue)
        let work = PerCPUWork(lock, cpu: 0) { _ in }
        inner.slots.withLocal { _, _ in work.flush() }
    }

    static func queueHolding(_ policy: QPWPolicy) {
        let lock = QPWLock("door", policy: policy), inner = Cell("inner", policy: .queue)
        let work = PerCPUWork(lock, cpu: 0) { _ in }
        inner.slots.withLocal { _, _ in _ = work.queue(on: 0) }
    }

    static func queueLaterHolding(_ policy: QPWPolicy) {
        let lock = QPWLock("door", policy: policy), inner = Cell("inner", policy: .queue)
        let work = PerCPUWork(lock, cpu: 0) { _ in }
        inner.slots.withLocal { _, _ in _ = work.queue(on: 0, after: .seconds(3600)) }
    }

    static func drainQueueHolding() {
        let queue = WorkQueue("jobs"), inner = Cell("inner", policy: .queue)
        inner.slots.withLocal { _, _ in queue.drain() }
    }

    static func leave(_ policy: QPWPolicy) {
        QPWLock("door", policy: policy).unlockLocal(0)
    }

    static func leaveForAnother(_ policy: QPWPolicy) {
        let lock = QPWLock("door", policy: policy)
        lock.unlockLocal(Sitter(on: Machine.first, in: lock).cpu)
    }

    static func lockElsewhere(_ policy: QPWPolicy) {
        _ = System.pinThread(to: Machine.first)
        // Of the possible ones: another test may have taken the last one offline for a moment.
        QPWLock("door", policy: policy).lock(Topology.system.possible.last ?? Machine.last)
    }

    static func queueElsewhere() {
        PerCPUWork(QPWLock("door", policy: .queue), cpu: 0) { _ in }.queue(on: 1)
    }
}
#endif
