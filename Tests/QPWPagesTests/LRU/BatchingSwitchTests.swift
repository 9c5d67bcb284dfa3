import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    @Suite struct BatchingSwitchTests {
        @Test(arguments: everyPolicy) func nothingWaitsWhileItIsDisabled(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let before = lists.addFolio(1)
                lists.lru.disableBatching()
                lists.lru.disableBatching()
                #expect(Contents(lists.lru).inactive == [1])
                let during = lists.addFolio(2)
                #expect(Contents(lists.lru).inactive == [2, 1])
                lists.lru.enableBatching()
                lists.lru.activate(before)
                #expect(Contents(lists.lru).active == [1], "calls nest")
                lists.lru.enableBatching()
                let after = lists.addFolio(3)
                #expect(!Contents(lists.lru).all.contains(3))
                #expect(lists.lru.statistics.movedUnbatched == 2)
                lists.dispose([before, during, after])
            }
        }

        /// Others add and activate all the time: once it is disabled, no batch holds anything, and none gets anything.
        @Test(arguments: everyPolicy) func isSwitchedWhileOthersRun(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let crew = Crew()
            let made = Tally()
            try await onThread(on: Machine.first) {
                crew.start(3) { thread, random in
                    while !crew.isEnding {
                        let folios = (0..<10).map { lists.addFolio($0) }
                        for folio in folios where Bool.random(using: &random) { lists.lru.activate(folio) }
                        lists.dispose(folios)
                        made.add(10)
                    }
                }
                for _ in 0..<20 {
                    lists.lru.disableBatching()
                    for _ in 0..<20 {
                        #expect(lists.lru.batches.slots.cpus.allSatisfy { Self.isEmpty($0, lists.lru) })
                    }
                    lists.lru.enableBatching()
                    System.sleep(nanoseconds: 200_000)
                }
                crew.end()
                lists.lru.drainAll()
            }
            #expect(lists.graveyard.count == made.count)
        }

        private static func isEmpty(_ cpu: CPU, _ lru: PageLRU) -> Bool {
            lru.batches.slots.perform(on: cpu) { banks in lru.batches.isEmpty(banks.current) }
        }
    }
}
