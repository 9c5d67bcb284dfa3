import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWPages

extension PageTests {
    @Suite struct PinTests {
        @Test(arguments: everyPolicy) func severalMayPinAFolio(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folio = lists.addFolio(1)
                lists.lru.drainLocal()
                for count in 1...3 {
                    #expect(lists.lru.pin(folio))
                    #expect(folio.pinCount == count)
                }
                #expect(!folio.beginEviction(), "at once, and not when the batch is moved")
                lists.lru.drainPinsLocal()
                #expect(Contents(lists.lru).unevictable == [1])
                for count in [2, 1] {
                    lists.lru.unpin(folio)
                    lists.lru.drainPinsLocal()
                    #expect(folio.pinCount == count)
                    #expect(Contents(lists.lru).unevictable == [1])
                }
                lists.lru.unpin(folio)
                lists.lru.drainPinsLocal()
                #expect(Contents(lists.lru).inactive == [1])
                #expect(lists.lru.statistics.culled == 1)
                #expect(lists.lru.statistics.rescued == 1)
                lists.dispose([folio])
            }
        }

        @Test(arguments: everyPolicy) func aNewFolioGoesStraightToThePinned(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folio = lists.makeFolio(1)
                lists.lru.pinNew(folio)
                #expect(lists.lru.needsPinDrain(.current))
                lists.lru.drainLocal()
                #expect(Contents(lists.lru).unevictable == [1])
                #expect(!lists.lru.needsPinDrain(.current))
                lists.dispose([folio])
            }
            #expect(lists.graveyard.count == 1)
        }

        @Test func aPinnedFolioThatIsFoundIsPutAside() async throws {
            let lists = Lists()
            try await onThread(on: Machine.first) {
                let folios = (0..<3).map { lists.addFolio($0) }
                lists.lru.drainLocal()
                #expect(lists.lru.pin(folios[0]))
                let buffer = UnsafeMutableBufferPointer<Folio>.allocate(capacity: 4)
                defer { buffer.deallocate() }
                #expect(lists.lru.isolate(1, node: 0, into: buffer) == 1)
                #expect(buffer[0] == folios[1])
                #expect(Contents(lists.lru).unevictable == [0])
                #expect(folios[1].beginEviction())
                #expect(!lists.lru.pin(folios[1]), "it is being evicted")
                folios[1].cancelEviction()
                #expect(lists.lru.pin(folios[1]))
                lists.lru.putBack(UnsafeBufferPointer(start: buffer.baseAddress, count: 1))
                #expect(Contents(lists.lru).unevictable == [1, 0])
                lists.dispose(folios)
            }
        }

        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func anotherDrainsWhatPinsLeft(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let folio = try await onThread(on: Machine.last) {
                let folio = lists.addFolio(1)
                lists.lru.drainLocal()
                #expect(lists.lru.pin(folio))
                return folio
            }
            try await onThread(on: Machine.first) {
                #expect(lists.lru.needsPinDrain(Machine.last))
                lists.lru.drainPinsOffline(Machine.last)
                #expect(Contents(lists.lru).unevictable == [1])
                lists.lru.unpin(folio)
                lists.dispose([folio])
            }
        }

        /// Pinners count what they hold; who evicts must never get one of those.
        @Test(arguments: everyPolicy) func aPinnedFolioIsNeverEvicted(policy: QPWPolicy) async throws {
            let trial = PinTrial(policy)
            let limit = TimeLimit(milliseconds: 300)
            let crew = Crew()
            crew.start(3) { _, random in
                while !limit.isOver { trial.pinSome(&random) }
            }
            crew.start(on: Machine.last, thread: 3) { _ in
                while !limit.isOver { trial.evictSome { $0.beginEviction() } }
            }
            crew.join()
            #expect(trial.evictionCount > 0)
            #expect(trial.violationCount == 0)
            try await onThread(on: Machine.first) { trial.end() }
        }

        /// One that evicts what it saw without pins a moment ago.
        @Test func theCarelessTwinIsCaught() async throws {
            let trial = PinTrial(.queue)
            let limit = TimeLimit(milliseconds: 20_000)
            let crew = Crew()
            crew.start(3) { _, random in
                while !limit.isOver && trial.violationCount == 0 { trial.pinSome(&random) }
            }
            crew.start(on: Machine.last, thread: 3) { _ in
                while !limit.isOver && trial.violationCount == 0 {
                    trial.evictSome { folio in
                        let isFree = !folio.isPinned
                        System.sleep(nanoseconds: 1000)
                        return isFree
                    }
                }
            }
            crew.join()
            #expect(trial.violationCount > 0)
            try await onThread(on: Machine.first) { trial.end() }
        }
    }
}
