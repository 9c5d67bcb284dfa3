import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

/// Work whose function needs the work itself.
final class WorkBox: Sendable {
    private let box = Guarded<PerCPUWork?>(nil)

    var work: PerCPUWork { box.withLock { $0! } }

    init(_ lock: QPWLock, cpu: CPU, _ function: @escaping @Sendable (WorkBox) -> Void) {
        let work = PerCPUWork(lock, cpu: cpu) { [unowned self] _ in function(self) }
        box.withLock { $0 = work }
    }
}

extension CoreTests {
    @Suite struct PerCPUWorkTests {
        private static let cpu = Machine.last

        /// Lets go of what policies may have left for the owner.
        private static func ownerComesBy(_ lock: QPWLock) async throws {
            try await onThread(on: cpu) { for _ in 0..<3 { lock.comeBy() } }
        }

        @Test(arguments: everyPolicy)
        func runsForItsCPUUnderTheLock(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let seen = Guarded<[CPU]>([])
            let work = PerCPUWork(lock, cpu: Self.cpu) { cpu in
                lock.lock(cpu)
                lock.assertHeld(cpu)
                lock.unlock(cpu)
                seen.withLock { $0.append(cpu) }
            }
            #expect(work.cpu == Self.cpu)
            for caller in Machine.cpus {
                try await onThread(on: caller) {
                    #expect(work.queue(on: Self.cpu))
                    work.flush()
                    #expect(!work.isPending)
                }
            }
            #expect(seen.withLock { $0 } == Machine.cpus.map { _ in Self.cpu })
        }

        @Test(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func runsWhereThePolicySays(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let place = Guarded<(thread: UInt, cpu: CPU)>((0, 0))
            let work = PerCPUWork(lock, cpu: Machine.last) { _ in
                place.withLock { $0 = (thisThread(), .current) }
            }
            let caller = try await onThread(on: Machine.first) {
                work.queue(on: Machine.last)
                work.flush()
                return thisThread()
            }
            let (runner, at) = place.withLock { $0 }
            #expect((runner == caller) == (lock.inForce.remote != .queue))
            #expect(at == (lock.inForce.remote == .queue ? Machine.last : Machine.first))
        }

        @Test(arguments: everyPolicy)
        func queueingAPendingWorkIsFalse(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally(), answers = Guarded<[Bool]>([])
            let box = WorkBox(lock, cpu: Self.cpu) { box in
                // Pending has ended before the function is called.
                #expect(!box.work.isPending)
                guard runs.add() == 1 else { return }
                for _ in 0..<3 {
                    let answer = box.work.queue(on: Self.cpu)
                    answers.withLock { $0.append(answer) }
                }
                #expect(box.work.isPending)
            }
            try await onThread(on: Machine.first) {
                #expect(box.work.queue(on: Self.cpu))
                box.work.flush()
                box.work.flush()
            }
            #expect(answers.withLock { $0 } == [true, false, false])
            #expect(runs.count == 2)
        }

        @Test(arguments: everyPolicy)
        func twoQueueingsBeforeItBeginsRunItOnce(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            let obstacle = Obstacle(lock, Self.cpu)
            try await onThread(on: Machine.first) {
                #expect(work.queue(on: Self.cpu))
                #expect(work.isPending == obstacle.stops)
                #expect(work.queue(on: Self.cpu) == !obstacle.stops)
            }
            obstacle.end()
            try await onThread(on: Machine.first) { work.flush() }
            #expect(runs.count == (obstacle.stops ? 1 : 2))
        }

        @Test(arguments: everyPolicy)
        func queueingItselfIsALoopAndNoRecursion(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let isDeferred = ![.queue, .inline, .fence].contains(lock.inForce.remote)
            // Each run under `deferred` needs an owner who comes by.
            let wanted = isDeferred ? 50 : 20_000
            let runs = Tally(), depth = Tally()
            let box = WorkBox(lock, cpu: Self.cpu) { box in
                #expect(depth.add() == 1)
                if runs.add() < wanted { box.work.queue(on: Self.cpu) }
                depth.add(-1)
            }
            try await onThread(on: Machine.first) { _ = box.work.queue(on: Self.cpu) }
            try await onThread(on: Self.cpu) {
                waitUntil {
                    lock.comeBy()
                    return runs.count == wanted
                }
                box.work.flush()
            }
            #expect(runs.count == wanted)
        }

        @Test(arguments: everyPolicy)
        func neverRunsTwiceAtOnce(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let inside = Tally(), runs = Tally(), queued = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in
                #expect(inside.add() == 1)
                yieldThread()
                inside.add(-1)
                runs.add()
            }
            let threads = (0..<4).map { index in
                TestThread(on: Machine.cpus[index % Machine.cpus.count]) {
                    for _ in 0..<300 {
                        if work.queue(on: Self.cpu) { queued.add() }
                        if index == 0 { lock.comeBy() }
                    }
                }
            }
            for thread in threads { thread.join() }
            try await onThread(on: Machine.first) { work.flush() }
            #expect(runs.count == queued.count)
        }

        /// What is queued during the flush is not waited for: else this would hang.
        @Test(arguments: everyPolicy)
        func flushWaitsForTheLastQueueingOnly(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally(), isEnough = Flag()
            let box = WorkBox(lock, cpu: Self.cpu) { box in
                runs.add()
                if !isEnough.isRaised { box.work.queue(on: Self.cpu) }
            }
            let owner = TestThread(on: Self.cpu) {
                box.work.queue(on: Self.cpu)
                while !isEnough.isRaised {
                    lock.comeBy()
                    yieldThread()
                }
            }
            waitUntil { runs.count > 0 }
            let before = runs.count
            try await onThread(on: Machine.first) { box.work.flush() }
            waitUntil { runs.count > before }
            isEnough.raise()
            owner.join()
            try await Self.ownerComesBy(lock)
            try await onThread(on: Machine.first) { box.work.flush() }
            #expect(!box.work.isPending)
        }

        @Test(arguments: everyPolicy)
        func flushOfIdleWorkReturns(policy: QPWPolicy) async throws {
            let work = PerCPUWork(QPWLock(policy: policy), cpu: Self.cpu) { _ in }
            try await onThread { work.flush() }
            await work.flush()
            #expect(!work.cancel())
        }

        @Test(arguments: everyPolicy)
        func asyncFlushWaits(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            for round in 1...20 {
                try await onThread(on: Machine.first) { _ = work.queue(on: Self.cpu) }
                await work.flush()
                #expect(runs.count == round)
            }
        }

        @Test(arguments: everyPolicy)
        func aFlushThatGivesUpLeavesItQueued(policy: QPWPolicy) async throws {
            let lock = QPWLock("slow", policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { cpu in
                lock.lock(cpu)
                runs.add()
                lock.unlock(cpu)
            }
            let obstacle = Obstacle(lock, Self.cpu)
            guard obstacle.stops, lock.inForce.remote == .queue else { return obstacle.end() }
            try await onThread(on: Machine.first) {
                work.queue(on: Self.cpu)
                let error = #expect(throws: QPWTimeout.self) { try work.flush(timeout: .milliseconds(5)) }
                #expect(error?.structure == "slow")
                #expect(error?.cpu == Self.cpu)
                #expect(work.isPending)
            }
            #expect(runs.count == 0)
            obstacle.end()
            try await onThread(on: Machine.first) { try work.flush(timeout: .seconds(60)) }
            #expect(runs.count == 1)
        }

        @Test(arguments: everyPolicy)
        func cancelTakesBackWhatHasNotBegun(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            let obstacle = Obstacle(lock, Self.cpu)
            try await onThread(on: Machine.first) {
                work.queue(on: Self.cpu)
                #expect(work.cancel() == obstacle.stops)
                #expect(!work.isPending)
                #expect(!work.cancel())
                // Nothing is left to wait for, obstacle or not.
                work.flush()
            }
            obstacle.end()
            try await Self.ownerComesBy(lock)
            try await onThread { WorkQueue.shared.drain() }
            #expect(runs.count == (obstacle.stops ? 0 : 1))
            // And it can be queued again.
            try await onThread(on: Machine.first) {
                #expect(work.queue(on: Self.cpu))
                work.flush()
            }
            #expect(runs.count == (obstacle.stops ? 1 : 2))
        }

        @Test(arguments: everyPolicy)
        func cancelAndWaitWaitsForTheFunction(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let begun = Flag(), mayEnd = Flag(), ended = Flag()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in
                begun.raise()
                mayEnd.wait()
                ended.raise()
            }
            let runner = TestThread(on: Self.cpu) {
                work.queue(on: Self.cpu)
                lock.comeBy()
            }
            begun.wait()
            let canceller = TestThread(on: Machine.first) {
                #expect(!work.cancelAndWait())
                #expect(ended.isRaised)
            }
            System.sleep(nanoseconds: 2_000_000)
            mayEnd.raise()
            canceller.join()
            runner.join()
        }

        /// As `cancel_work_sync`: afterwards it is neither queued nor running, even if it always queues itself.
        @Test(arguments: everyPolicy)
        func cancelAndWaitStopsWorkThatQueuesItself(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let isEnough = Flag(), inside = Tally(), starts = Tally()
            let box = WorkBox(lock, cpu: Self.cpu) { box in
                inside.add()
                starts.add()
                if !isEnough.isRaised { box.work.queue(on: Self.cpu) }
                yieldThread()
                inside.add(-1)
            }
            let owner = TestThread(on: Self.cpu) {
                while !isEnough.isRaised {
                    lock.comeBy()
                    yieldThread()
                }
            }
            let isStopped = try await onThread(on: Machine.first) {
                for _ in 0..<50 {
                    let before = starts.count
                    // Under the policies that run work in the caller, the caller is kept busy.
                    let starter = TestThread(on: Self.cpu) { _ = box.work.queue(on: Self.cpu) }
                    waitUntil { starts.count > before }
                    box.work.cancelAndWait()
                    if box.work.isPending || inside.count > 0 { return false }
                    starter.join()
                }
                return true
            }
            isEnough.raise()
            owner.join()
            try await onThread(on: Self.cpu) {
                waitUntil {
                    lock.comeBy()
                    return inside.count == 0 && !box.work.isPending
                }
            }
            #expect(isStopped)
        }

        #if !DEBUG
        @Test(arguments: everyPolicy.map(\.description))
        func theWrongCPUIsCorrectedWithOneWarning(name: String) async {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                [name = name as String] in
                queueOnTheWrongCPU(policy(named: name))
            }
            expectMessage("QPW: work of 'door' for CPU 0 is queued on CPU 1; it runs for CPU 0.", in: result)
            let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(text.split(separator: "\n").filter { $0.hasPrefix("QPW: work of") }.count == 1, "\(text)")
        }
        #endif
    }
}

#if !DEBUG
/// Synchronous, since the calls are not for async functions.
private func queueOnTheWrongCPU(_ policy: QPWPolicy) {
    let seen = Guarded<[CPU]>([])
    let work = PerCPUWork(QPWLock("door", policy: policy), cpu: 0) { cpu in seen.withLock { $0.append(cpu) } }
    for _ in 0..<2 {
        work.queue(on: 1)
        work.flush()
    }
    precondition(seen.withLock { $0 } == [0, 0])
}
#endif
