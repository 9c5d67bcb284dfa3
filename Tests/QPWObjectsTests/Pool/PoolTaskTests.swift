import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWObjects

/// An object that notices a second user.
private final class Desk {
    let user = Atomic<Int>(0)
    /// Not atomic: what the thread sanitizer looks at.
    var uses = 0
}

private final class Inspector: Sendable {
    private let clashes = Tally()

    var clashCount: Int { clashes.count }

    func enter(_ desk: Desk, _ user: Int) {
        if desk.user.exchange(user, ordering: .acquiringAndReleasing) != 0 { clashes.add() }
    }

    func leave(_ desk: Desk, _ user: Int) {
        if desk.user.exchange(0, ordering: .acquiringAndReleasing) != user { clashes.add() }
    }
}

extension ObjectTests {
    @Suite struct PoolTaskTests {
        /// Hundreds of tasks that suspend with their object, and go on on whatever thread and CPU.
        @Test(arguments: everyPolicy) func oneUserAtATime(policy: QPWPolicy) async throws {
            let pool = ObjectPool("desks", capacity: 40, policy: policy) { Desk() }
            let inspector = Inspector()
            let uses = Tally()
            await withTaskGroup(of: Void.self) { group in
                for task in 1...300 {
                    group.addTask {
                        for step in 0..<30 {
                            await pool.withObject { desk in
                                inspector.enter(desk, task)
                                desk.uses += 1
                                uses.add()
                                if step % 3 == 0 { await Task.yield() }
                                desk.uses += 1
                                inspector.leave(desk, task)
                            }
                            await borrowed(pool, inspector, task)
                        }
                    }
                }
            }
            #expect(inspector.clashCount == 0)
            #expect(uses.count == 300 * 30)
            #expect(pool.idleCount == pool.count && pool.idleCount <= 40)
            #expect(pool.made <= 300 * 60)
        }

        private func borrowed(_ pool: ObjectPool<Desk>, _ inspector: Inspector, _ task: Int) async {
            var desk = pool.borrow()
            desk.withObject {
                inspector.enter($0, task)
                $0.uses += 1
            }
            await Task.yield()
            desk.withObject { inspector.leave($0, task) }
        }

        /// Threads on all CPUs, with flushes in between.
        @Test(arguments: everyPolicy) func oneUserAtATimeOnThreads(policy: QPWPolicy) async throws {
            let pool = ObjectPool("desks", capacity: 24, policy: policy) { Desk() }
            let inspector = Inspector()
            let done = Flag()
            async let flusher: Void = onThread {
                while !done.isRaised {
                    pool.flush()
                    System.sleep(nanoseconds: 200_000)
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for thread in 1...4 {
                    group.addTask {
                        try await onThread {
                            var random = SeededRandom(11, thread: thread)
                            for _ in 0..<5000 { use(pool, inspector, thread, &random) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            done.raise()
            try await flusher
            #expect(inspector.clashCount == 0)
            #expect(pool.idleCount == pool.count && pool.idleCount <= 24)
        }

        private func use(
            _ pool: ObjectPool<Desk>, _ inspector: Inspector, _ user: Int, _ random: inout SeededRandom
        ) {
            let isHopping = Int.random(in: 0..<50, using: &random) == 0
            let target = Machine.cpus.randomElement(using: &random)!
            pool.withObject { desk in
                inspector.enter(desk, user)
                desk.uses += 1
                if isHopping { _ = System.pinThread(to: target) }
                // A user may use the pool again.
                pool.withObject { other in
                    inspector.enter(other, user)
                    inspector.leave(other, user)
                }
                inspector.leave(desk, user)
            }
        }

        /// The same inspector, and a pool that lends what somebody has.
        @Test func aSecondUserIsNoticed() {
            let pool = ObjectPool("desks") { Desk() }
            let inspector = Inspector()
            pool.withObject { desk in
                inspector.enter(desk, 1)
                let lentTwice = desk
                inspector.enter(lentTwice, 2)
            }
            #expect(inspector.clashCount == 1)
        }
    }
}
