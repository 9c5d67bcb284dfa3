#if QPW && os(Linux) && !QPW_PORTABLE
import QPWTestSupport
import Testing

@testable import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Real-time priorities of threads, where the system allows them.
private enum Fifo {
    static func set(_ priority: Int32) -> Bool {
        var parameters = sched_param()
        parameters.sched_priority = priority
        return pthread_setschedparam(pthread_self(), priority == 0 ? SCHED_OTHER : SCHED_FIFO, &parameters)
            == 0
    }

    static let isAllowed: Bool = {
        let allowed = Flag(), refused = Flag()
        TestThread { (set(1) ? allowed : refused).raise() }.join()
        return allowed.isRaised
    }()
}

extension CoreTests {
    /// One after the other: two hogs on one CPU would be in each other's way.
    @Suite(
        .serialized,
        .enabled(if: Machine.pinsThreads && Fifo.isAllowed, "needs two CPUs and SCHED_FIFO, that is, root"))
    struct PriorityTests {
        /// Without inheritance never. With it once in a while not at the first attempt: the allocator and the thread sanitizer
        /// have locks that lend nothing, and who holds one may be behind the hog.
        private func ownerComesFirstAtLast(
            _ enter: @escaping @Sendable (QPWLock, CPU) -> Void
        ) async throws -> Bool {
            for _ in 0..<3 where try await ownerComesFirst(enter) { return true }
            return false
        }

        /// A holder of no priority, a hog of middle priority and an owner of high priority on one CPU: without
        /// inheritance the owner waits for the hog.
        private func ownerComesFirst(_ enter: @escaping @Sendable (QPWLock, CPU) -> Void) async throws -> Bool
        {
            let lock = QPWLock(policy: .rtLock)
            let cpu = Machine.last
            let isHeld = Flag(), mayLeave = Flag(), hogRuns = Flag(), isIn = Flag()
            let holder = TestThread(on: cpu) {
                let held = lock.lockLocal()
                isHeld.raise()
                while !mayLeave.isRaised { yieldThread() }
                lock.unlockLocal(held)
            }
            isHeld.wait()
            let hog = TestThread(on: cpu) {
                _ = Fifo.set(2)
                hogRuns.raise()
                let limit = MonotonicClock.now() + 400_000_000
                while !isIn.isRaised && MonotonicClock.now() < limit {}
            }
            let hogLost = Tally()
            // Not on the hog's CPU before it has its priority: it would not get there.
            let owner = TestThread(on: Machine.first) {
                _ = Fifo.set(3)
                _ = System.pinThread(to: cpu)
                hogRuns.wait()
                mayLeave.raise()
                enter(lock, cpu)
                // The hog's time is not over, or it would have had the CPU since.
                if !hog.isDone { hogLost.add() }
                isIn.raise()
            }
            owner.join()
            hog.join()
            holder.join()
            return hogLost.count == 1
        }

        @Test func aNamedLockLendsItsWaitersPriority() async throws {
            let came = try await ownerComesFirstAtLast { lock, cpu in
                lock.lock(cpu)
                lock.unlock(cpu)
            }
            #expect(came)
        }

        /// The owner is the one for whom the policy exists.
        @Test func theOwnLockLendsItsWaitersPriority() async throws {
            let came = try await ownerComesFirstAtLast { lock, _ in lock.unlockLocal(lock.lockLocal()) }
            #expect(came)
        }
    }
}
#endif
