import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct QPWLockTests {
        /// Runs on the lock's own CPU, where every policy lets a CPU be named.
        private static func onOwnCPU(_ body: @escaping @Sendable (CPU) throws -> Void) async throws {
            try await onThread(on: Machine.first) { try body(Machine.isPortable ? .current : Machine.first) }
        }

        @Test(arguments: everyPolicy)
        func tellsItsNameAndPolicy(policy: QPWPolicy) {
            let lock = QPWLock("door", policy: policy)
            #expect(lock.name == "door")
            #expect(lock.inForce.requested == policy)
        }

        @Test(arguments: everyPolicy)
        func localFormsTellTheCPU(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            try await Self.onOwnCPU { cpu in
                let locked = lock.lockLocal()
                #expect(locked == cpu)
                lock.assertHeld(locked)
                #expect(lock.tryLock() == nil)
                lock.unlockLocal(locked)
                let tried = lock.tryLock()
                #expect(tried == cpu)
                lock.unlockAfterTry(cpu)
                #expect(lock.tryLock() == cpu)
                lock.unlockLocal(cpu)
            }
        }

        @Test(arguments: everyPolicy)
        func formsWithACPUTakeTheSameLock(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            try await Self.onOwnCPU { cpu in
                lock.lock(cpu)
                lock.assertHeld(cpu)
                #expect(lock.tryLock() == nil)
                lock.unlock(cpu)
                #expect(lock.tryLock(cpu))
                #expect(lock.tryLock() == nil)
                lock.unlock(cpu)
                try lock.lock(cpu, timeout: .seconds(60))
                lock.unlock(cpu)
                #expect(lock.tryLock() == cpu)
                lock.unlockAfterTry(cpu)
            }
        }

        @Test(arguments: everyPolicy)
        func tryLockIsFalseWhileTheLockIsHeld(policy: QPWPolicy) async throws {
            let lock = QPWLock("door", policy: policy)
            let sitter = Sitter(on: Machine.first, in: lock)
            try await Self.onOwnCPU { _ in
                // On the portable backend this thread may belong elsewhere; there any CPU may be named.
                #expect(!lock.tryLock(sitter.cpu))
                let error = #expect(throws: QPWTimeout.self) {
                    try lock.lock(sitter.cpu, timeout: .milliseconds(5))
                }
                #expect(error?.structure == "door")
                #expect(error?.cpu == sitter.cpu)
            }
            sitter.leave()
            try await Self.onOwnCPU { _ in
                #expect(lock.tryLock(sitter.cpu))
                lock.unlock(sitter.cpu)
            }
        }

        /// A try says no; it does not trap.
        @Test(arguments: everyPolicy.map(\.description))
        func tryLockIsFalseWhileThisThreadHoldsTheLock(name: String) async {
            await #expect(processExitsWith: .success) { [name = name as String] in
                tryTwice(QPWLock(policy: policy(named: name)))
            }
        }

        #if QPW
        @Test(
            .enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"),
            arguments: [QPWPolicy.lock, .fence, .deferred(escalateAfter: nil), .rtLock, .automatic])
        func anotherCPUsLockCanBeTaken(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            try await onThread(on: Machine.first) {
                lock.lock(Machine.last)
                lock.assertHeld(Machine.last)
                let own = lock.tryLock()
                #expect(own == Machine.first, "each CPU has its own")
                lock.unlockAfterTry(Machine.first)
                lock.unlock(Machine.last)
                #expect(lock.tryLock(Machine.last))
                lock.unlock(Machine.last)
            }
        }
        #endif

        @Test(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func isLeftOnTheCPUOnWhichItWasTaken(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            try await onThread(on: Machine.first) {
                let cpu = lock.lockLocal()
                _ = System.pinThread(to: Machine.last)
                #expect(cpu == Machine.first)
                lock.assertHeld(cpu)
                lock.unlockLocal(cpu)
                _ = System.pinThread(to: Machine.first)
                #expect(lock.tryLock() == Machine.first)
                lock.unlockAfterTry(Machine.first)
            }
        }
    }
}

/// Synchronous, since the calls are not for async functions.
private func tryTwice(_ lock: QPWLock) {
    _ = System.pinThread(to: Machine.first)
    let cpu = lock.lockLocal()
    precondition(!lock.tryLock(cpu), "it was taken twice")
    lock.unlockLocal(cpu)
}
