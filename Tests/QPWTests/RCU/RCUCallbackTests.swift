import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct RCUCallbackTests {
        @Test(arguments: RCUSystem.allCases)
        func callbacksRunOnceAfterTheReaders(system: RCUSystem) async throws {
            let domain = system.domain()
            let runs = Tally()
            let reader = HeldReader(of: domain)
            for _ in 0..<5000 { domain.call { runs.add() } }
            System.sleep(nanoseconds: 5_000_000)
            #expect(runs.count == 0)
            #expect(domain.pendingCallbacks == 5000)
            reader.leave()
            try await onThread { domain.barrier() }
            #expect(runs.count == 5000)
            #expect(domain.pendingCallbacks == 0)
        }

        @Test func callMayBeMadeInASection() async throws {
            let domain = RCUDomain()
            let ran = Flag()
            domain.read {
                domain.call { ran.raise() }
                System.sleep(nanoseconds: 2_000_000)
                #expect(!ran.isRaised)
            }
            ran.wait()
        }

        @Test func callbacksMayCallAndSynchronize() {
            let domain = RCUDomain()
            let ran = Flag()
            domain.call {
                domain.callOrHelp {
                    domain.synchronize()
                    ran.raise()
                }
            }
            ran.wait()
        }

        /// Callbacks take what their caller gives away; it need not be sendable.
        @Test func callbacksOwnWhatTheyReclaim() async throws {
            let domain = RCUDomain()
            let ends = Tally()
            for _ in 0..<100 {
                let witness = UnsafeMutablePointer<Witness>.allocate(capacity: 1)
                witness.initialize(to: Witness(cpu: 0, ends: ends))
                domain.call {
                    witness.deinitialize(count: 1)
                    witness.deallocate()
                }
            }
            try await onThread { domain.barrier() }
            #expect(ends.count == 100)
        }

        @Test func barrierWaitsForWhatEveryThreadQueued() async throws {
            let domain = RCUDomain()
            let runs = Tally()
            let threads = (0..<4).map { _ in
                TestThread {
                    for round in 1...50 {
                        let mine = Tally()
                        for _ in 0..<round {
                            domain.call {
                                mine.add()
                                runs.add()
                            }
                        }
                        domain.barrier()
                        if mine.count != round { return }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(runs.count == 4 * 50 * 51 / 2)
        }

        @Test func barrierWithoutCallbacksReturns() async throws {
            let domain = RCUDomain()
            try await onThread { domain.barrier() }
            await domain.barrier()
            #expect(domain.gracePeriods == 0)
        }

        @Test func barrierSuspends() async {
            let domain = RCUDomain()
            let runs = Tally()
            for _ in 0..<3000 { domain.call { runs.add() } }
            await domain.barrier()
            #expect(runs.count == 3000)
        }

        @Test(arguments: RCUSystem.allCases)
        func callOrHelpBoundsAFlood(system: RCUSystem) {
            let domain = system.domain(bound: 256)
            let runs = Tally(), excess = Tally()
            let threads = (0..<3).map { _ in
                TestThread {
                    for _ in 0..<20_000 {
                        domain.callOrHelp { runs.add() }
                        if domain.pendingCallbacks > 256 + 64 * (3 + Machine.cpus.count) { excess.add() }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(excess.count == 0)
            waitUntil { runs.count == 60_000 }
        }

        @Test func callOrHelpWaitsForReaders() {
            let domain = RCUDomain("bounded", bound: 100)
            let reader = HeldReader(of: domain)
            let runs = Tally()
            let flood = TestThread { for _ in 0..<1000 { domain.callOrHelp { runs.add() } } }
            waitUntil { domain.pendingCallbacks > 100 }
            System.sleep(nanoseconds: 5_000_000)
            #expect(!flood.isDone)
            #expect(domain.pendingCallbacks <= 100 + 64 * Machine.cpus.count)
            #expect(runs.count == 0)
            reader.leave()
            flood.join()
            waitUntil { runs.count == 1000 }
        }
    }
}
