import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct RCULifetimeTests {
        @Test func endWaitsForCallbacks() async throws {
            let runs = Tally()
            try await onThread {
                let domain = RCUDomain()
                for _ in 0..<2000 { domain.call { runs.add() } }
            }
            #expect(runs.count == 2000)
        }

        /// The last reference is the callback's own: who runs it cannot wait for it.
        @Test func endInACallbackDoesNotWait() async throws {
            let runs = Tally(), dropped = Flag()
            try await onThread {
                let domain = RCUDomain()
                for _ in 0..<100 { domain.call { runs.add() } }
                domain.call {
                    dropped.wait()
                    withExtendedLifetime(domain) { _ = runs.add() }
                }
                for _ in 0..<100 { domain.call { runs.add() } }
            }
            dropped.raise()
            waitUntil { runs.count == 201 }
        }

        @Test func anIdleDomainQueuesNothing() async throws {
            let queue = WorkQueue("rcu-test"), submissions = Tally()
            let domain = RCUDomain(
                "idle", capabilities: .system,
                submit: { item, due in
                    submissions.add()
                    if let ticket = item.queue(at: due) { queue.submitToHousekeeper(ticket) }
                })
            for _ in 0..<10 { domain.read {} }
            try await onThread { domain.synchronize() }
            #expect(submissions.count == 0)
            domain.call {}
            try await onThread { domain.barrier() }
            waitUntil { domain.engine.activity.load(ordering: .acquiring) == RCUEngine.Activity.idle }
            let count = submissions.count
            #expect(count > 0)
            System.sleep(nanoseconds: 10_000_000)
            #expect(submissions.count == count)
        }

        /// Where no thread can be started, a queue runs work within its submission; `call` must not run
        /// callbacks.
        private func withoutThreads() -> RCUDomain {
            RCUDomain(
                "no threads", bound: 64, capabilities: .system,
                submit: { item, due in item.queue(at: due)?.run() })
        }

        @Test func withoutThreadsWhoWaitsServes() async throws {
            let domain = withoutThreads()
            let runs = Tally()
            for _ in 0..<5 { domain.call { runs.add() } }
            #expect(runs.count == 0)
            try await onThread { domain.barrier() }
            #expect(runs.count == 5)
            try await onThread { for _ in 0..<1000 { domain.callOrHelp { runs.add() } } }
            #expect(domain.pendingCallbacks <= 64 + 64 * Machine.cpus.count)
        }

        @Test func withoutThreadsTheEndServes() async throws {
            let runs = Tally()
            try await onThread {
                let domain = self.withoutThreads()
                for _ in 0..<5 { domain.call { runs.add() } }
            }
            #expect(runs.count == 5)
        }

        @Test func withoutThreadsTheEndInACallbackServes() async throws {
            let runs = Tally()
            let outer = withoutThreads()
            try await onThread {
                let inner = self.withoutThreads()
                inner.call { runs.add() }
                outer.call { withExtendedLifetime(inner) {} }
            }
            try await onThread { outer.barrier() }
            #expect(runs.count == 1)
        }
    }
}
