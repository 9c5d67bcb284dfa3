import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct RCUGracePeriodTests {
        @Test(arguments: RCUSystem.allCases)
        func synchronizeWaitsForReaders(system: RCUSystem) async throws {
            let domain = system.domain()
            for cpu in [Machine.first, Machine.last] {
                let reader = HeldReader(of: domain, on: cpu)
                let writer = TestThread { domain.synchronize() }
                System.sleep(nanoseconds: 5_000_000)
                #expect(!writer.isDone)
                reader.leave()
                writer.join()
            }
            #expect(domain.gracePeriods == 2)
        }

        @Test func synchronizeDoesNotWaitForLaterReaders() {
            let domain = RCUDomain()
            let first = HeldReader(of: domain)
            let number = domain.engine.gracePeriods.next()
            // Moves it to where it waits for the first reader, and newcomers count under the other index.
            #expect(!domain.engine.gracePeriods.advance(to: number))
            let second = HeldReader(of: domain)
            first.leave()
            #expect(domain.engine.gracePeriods.advance(to: number))
            second.leave()
        }

        @Test func otherDomainsAreNotWaitedFor() {
            let reader = HeldReader(of: RCUDomain("busy"))
            RCUDomain("idle").synchronize()
            reader.leave()
        }

        /// The reader that loads the index, is preempted while grace periods flip it, and then counts under
        /// it.
        @Test func drainsBothIndexes() {
            let domain = RCUDomain()
            let counters = domain.counters, gracePeriods = domain.engine.gracePeriods
            let stale = counters.index.pointee.load(ordering: .relaxed)
            let inTheWay = counters.enter()
            let first = gracePeriods.next()
            #expect(!gracePeriods.advance(to: first))
            counters.leave(inTheWay)
            #expect(gracePeriods.advance(to: first))
            #expect(counters.index.pointee.load(ordering: .relaxed) != stale)

            counters.add(at: ReadCounters.entered + 8 * stale)
            let second = gracePeriods.next()
            #expect(!gracePeriods.advance(to: second))
            let current = counters.enter()
            counters.leave(stale)
            #expect(!gracePeriods.advance(to: second))
            counters.leave(current)
            #expect(gracePeriods.advance(to: second))
        }

        @Test func withoutReadersTheIndexIsLeftAlone() {
            let domain = RCUDomain()
            let index = domain.counters.index.pointee.load(ordering: .relaxed)
            for _ in 0..<3 { domain.synchronize() }
            #expect(domain.counters.index.pointee.load(ordering: .relaxed) == index)
            #expect(domain.gracePeriods == 3)
        }

        @Test func waitersShareGracePeriods() {
            let domain = RCUDomain()
            let reader = HeldReader(of: domain)
            let begun = Tally()
            let writers = (0..<20).map { _ in
                TestThread {
                    begun.add()
                    domain.synchronize()
                }
            }
            waitUntil { begun.count == 20 }
            System.sleep(nanoseconds: 5_000_000)
            reader.leave()
            for writer in writers { writer.join() }
            // Some may come only now, after the sleep, on a machine that is busy; without sharing there would
            // be 20.
            #expect(domain.gracePeriods < 10)
        }

        @Test func synchronizeSuspends() async {
            let domain = RCUDomain()
            let reader = HeldReader(of: domain)
            let done = Flag()
            let task = Task {
                await domain.synchronize()
                done.raise()
            }
            System.sleep(nanoseconds: 5_000_000)
            #expect(!done.isRaised)
            reader.leave()
            await task.value
            #expect(done.isRaised)
        }

        @Test func pollSaysWhenReadersHaveLeft() {
            let domain = RCUDomain()
            let reader = HeldReader(of: domain)
            let cookie = domain.startPoll()
            System.sleep(nanoseconds: 5_000_000)
            #expect(!domain.poll(cookie))
            reader.leave()
            waitUntil { domain.poll(cookie) }
            #expect(domain.poll(cookie))
            #expect(domain.startPoll() != cookie)
        }

        @Test func pollMayBeginInASection() {
            let domain = RCUDomain()
            let cookie = domain.read {
                let cookie = domain.startPoll()
                System.sleep(nanoseconds: 2_000_000)
                #expect(!domain.poll(cookie))
                return cookie
            }
            waitUntil { domain.poll(cookie) }
        }

        @Test func anotherCallersGracePeriodCounts() {
            let domain = RCUDomain()
            let cookie = domain.startPoll()
            domain.synchronize()
            domain.synchronize()
            #expect(domain.poll(cookie))
        }
    }
}
