import CQPW
import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct ContentionTests {
        @Test(arguments: everyPolicy)
        func countsWhoHadToWait(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread { for _ in 0..<100 { cell.slots.withLocal { _, _ in } } }
            let before = cell.slots.contention.waits
            let sitter = Sitter(on: Machine.first, in: cell)
            let waiter = TestThread(on: Machine.first) {
                guard Machine.pinsThreads else { return cell.slots.perform(on: sitter.cpu) { _ in } }
                cell.slots.withLocal { _, _ in }
            }
            waitUntil { cell.slots.contention.waits > before }
            sitter.leave()
            waiter.join()
            #expect(cell.slots.contention.waits > before)
        }

        @Test(.enabled(if: CycleCounter.now() != 0, "no cycle counter here"), arguments: everyPolicy)
        func knowsTheLongestRemoteHold(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            #expect(cell.slots.contention.longestRemoteHold == 0)
            try await onThread(on: Machine.first) {
                for cpu in cell.slots.cpus where cpu.isRemote {
                    cell.slots.perform(on: cpu) { _ in
                        for _ in 0..<1000 { qpw_pause() }
                    }
                }
            }
            if Machine.hasTwoCPUs { #expect(cell.slots.contention.longestRemoteHold >= 1000) }
        }

        @Test(arguments: everyPolicy)
        func anOwnersHoldIsNotRemoteThoughByName(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let lock = QPWLock(policy: policy)
            try await onThread(on: Machine.first) {
                let cpu = CPU.current
                cell.slots.perform(on: cpu) { _ in }
                #expect(lock.tryLock(cpu))
                lock.unlock(cpu)
            }
            #expect(cell.slots.contention.longestRemoteHold == 0)
            #expect(lock.contention.longestRemoteHold == 0)
        }

        /// A try waits for nobody, so it is no wait.
        @Test(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func doesNotCountTries(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            let sitter = Sitter(on: Machine.first, in: lock)
            try await onThread(on: Machine.first) {
                #expect(lock.tryLock() == nil)
                #expect(!lock.tryLock(Machine.first))
            }
            #expect(lock.contention.waits == 0)
            sitter.leave()
        }
    }
}
