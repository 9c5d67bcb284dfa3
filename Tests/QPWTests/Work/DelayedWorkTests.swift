import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct DelayedWorkTests {
        private static let cpu = Machine.last
        private static let never = Duration.seconds(3600)

        @Test(arguments: everyPolicy)
        func runsWhenTheDelayHasPassed(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let ran = Flag()
            let due = MonotonicClock.now() + 20_000_000
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in
                #expect(MonotonicClock.now() >= due)
                ran.raise()
            }
            try await onThread(on: Machine.first) {
                #expect(work.queue(on: Self.cpu, after: .milliseconds(20)))
                #expect(!work.queue(on: Self.cpu, after: .zero))
                #expect(!work.queue(on: Self.cpu))
                #expect(work.isPending)
            }
            ran.wait()
        }

        @Test(arguments: everyPolicy)
        func canBeTakenBack(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            try await onThread(on: Machine.first) {
                #expect(work.queue(on: Self.cpu, after: Self.never))
                #expect(work.cancel())
                #expect(!work.cancelAndWait())
                work.flush()
            }
            #expect(runs.count == 0)
        }

        @Test(arguments: everyPolicy)
        func flushRunsItAtOnce(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            try await onThread(on: Machine.first) {
                work.queue(on: Self.cpu, after: Self.never)
                work.flush()
            }
            #expect(runs.count == 1)
            try await onThread(on: Machine.first) { _ = work.queue(on: Self.cpu, after: Self.never) }
            await work.flush()
            #expect(runs.count == 2)
        }

        @Test func aDrainDoesNotWaitForIt() async throws {
            let queue = WorkQueue("later")
            let lock = QPWLock(policy: .queue)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            try await onThread(on: Machine.first) {
                work.queue(on: Self.cpu, in: queue, after: Self.never)
                queue.drain()
                #expect(runs.count == 0)
                #expect(work.cancel())
            }
        }

        /// Taken back and queued without delay: the delay is forgotten, whoever kept the work meanwhile.
        @Test(arguments: everyPolicy)
        func takenBackItCanBeQueuedForNow(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            try await onThread(on: Machine.first) {
                work.queue(on: Self.cpu, after: Self.never)
                WorkQueue.shared.drain()
                #expect(work.cancel())
                #expect(work.queue(on: Self.cpu))
            }
            try await onThread(on: Self.cpu) { lock.comeBy() }
            try await onThread { WorkQueue.shared.drain() }
            #expect(runs.count == 1)
            work.cancel()
        }

        /// And the other way round: it does not run before its time.
        @Test(arguments: everyPolicy)
        func takenBackItCanBeQueuedForLater(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            let obstacle = Obstacle(lock, Self.cpu)
            try await onThread(on: Machine.first) {
                work.queue(on: Self.cpu)
                #expect(work.cancel() == obstacle.stops)
                #expect(work.queue(on: Self.cpu, after: Self.never))
            }
            let before = runs.count
            obstacle.end()
            try await onThread(on: Self.cpu) { lock.comeBy() }
            try await onThread { WorkQueue.shared.drain() }
            #expect(runs.count == before)
            #expect(work.cancel())
        }

        @Test func takenBackItCanBeQueuedElsewhere() async throws {
            let here = WorkQueue("here"), there = WorkQueue("there")
            let lock = QPWLock(policy: .queue)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: Self.cpu) { _ in _ = runs.add() }
            try await onThread(on: Machine.first) {
                work.queue(on: Self.cpu, in: here, after: Self.never)
                here.drain()
                #expect(work.cancel())
                #expect(work.queue(on: Self.cpu, in: there))
                there.drain()
            }
            #expect(runs.count == 1)
            work.cancel()
        }
    }
}
