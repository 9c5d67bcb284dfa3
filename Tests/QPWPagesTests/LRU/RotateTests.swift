import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    @Suite struct RotateTests {
        @Test(arguments: everyPolicy) func movesToWhereEvictionLooksFirst(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folios = (0..<3).map { lists.addFolio($0) }
                lists.lru.drainLocal()
                lists.lru.rotate(folios[2])
                lists.lru.drainLocal()
                #expect(Contents(lists.lru).inactive == [1, 0, 2])
                lists.dispose(folios)
            }
        }

        /// Who waits for a list lock in a handler may wait for the thread that it has interrupted.
        @Test func aHintIsDroppedRatherThanWaitedFor() async throws {
            let lists = Lists()
            try await onThread(on: Machine.first) {
                let folios = (0..<40).map { lists.addFolio($0) }
                lists.lru.drainLocal()
                lists.lru.nodes[0].withLock { _ in
                    for folio in folios { lists.lru.rotate(folio) }
                }
                lists.lru.drainLocal()
                #expect(Contents(lists.lru).inactive.suffix(31) == ArraySlice(0..<31))
                lists.dispose(folios)
            }
            #expect(lists.graveyard.count == 40)
        }

        /// A handler that rotates may have interrupted the holder of a list lock: here a thread does both. So who drains its
        /// CPU's batch of such hints must not wait for that lock in the slot that the handler needs.
        @Test(arguments: everyPolicy) func aDrainOfHintsWaitsForNoListLockInItsSlot(policy: QPWPolicy) {
            let lists = Lists(policy)
            let crew = Crew()
            let folio = lists.addFolio()
            lists.lru.drainAll()
            let rounds = Tally()
            crew.start(on: Machine.first) { _ in
                while rounds.count < 200 && !crew.isEnding {
                    lists.lru.rotate(folio)
                    lists.lru.drainLocal()
                }
            }
            crew.start(on: Machine.first) { _ in
                while rounds.count < 200 && !crew.isEnding {
                    lists.lru.nodes[0].withLock { _ in
                        System.sleep(nanoseconds: 50_000)
                        lists.lru.rotate(folio)
                    }
                    rounds.add()
                }
            }
            crew.join()
            #expect(rounds.count == 200)
            lists.dispose([folio])
            lists.lru.drainAll()
            #expect(lists.lru.sizes == ListSizes())
        }
    }
}
