import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    @Suite struct LookupFrontTests {
        /// Whatever the structures around it do, the front is locked locally and emptied by workers.
        @Test(arguments: everyPolicy) func keepsThePlainLocalLock(policy: QPWPolicy) {
            #expect(Lists(policy).lru.front.inForce.requested == .queue)
        }

        @Test func findsWhatWasPutInAndCountsIt() async throws {
            let lists = Lists()
            try await onThread(on: Machine.first) {
                let folio = lists.addFolio(1)
                #expect(lists.lru.front.lookup(7) == nil)
                lists.lru.front.insert(7, folio)
                #expect(lists.lru.front.lookup(7) == folio)
                #expect(lists.lru.front.lookups == (1, 1))
                lists.lru.release(folio)
                lists.dispose([folio])
                lists.lru.front.invalidate()
                lists.lru.drainAll()
            }
            #expect(lists.graveyard.count == 1)
        }

        /// Seventeen of them: who was used last stays, whatever was put in since.
        @Test func keepsTheSixteenThatWereUsedLast() async throws {
            let lists = Lists()
            let front = lists.lru.front
            try await onThread(on: Machine.first) {
                let folios = (0..<17).map { lists.makeFolio($0) }
                for number in 0..<16 { front.insert(UInt(number), folios[number]) }
                lists.lru.release(front.lookup(0)!)
                front.insert(16, folios[16])
                let found = (0..<17).filter { number in
                    guard let folio = front.lookup(UInt(number)) else { return false }
                    lists.lru.release(folio)
                    return Int(folio.word) == number
                }
                #expect(found == [0] + Array(2...16))
                front.insert(16, folios[3])
                #expect(front.lookup(16) == folios[3], "a key has one entry")
                lists.lru.release(folios[3])
                front.invalidate()
                for folio in folios { for _ in 0..<2 { lists.lru.release(folio) } }
            }
            #expect(lists.graveyard.count == 17)
        }

        @Test func doesNotFindWhatWasRemoved() async throws {
            let lists = Lists()
            try await onThread(on: Machine.first) {
                let folio = lists.addFolio(1)
                lists.lru.front.insert(7, folio)
                lists.dispose([folio])
                #expect(lists.lru.front.lookup(7) == nil)
                lists.lru.drainLocal()
            }
            #expect(lists.graveyard.count == 1)
        }

        @Test(arguments: everyPolicy) func aDrainOfAllEmptiesIt(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let (folio, cpu) = try await onThread(on: Machine.last) {
                let folio = lists.addFolio(1)
                lists.lru.front.insert(7, folio)
                return (folio, CPU.current)
            }
            try await onThread(on: Machine.first) {
                #expect(lists.lru.front.needsInvalidation(cpu))
                lists.lru.drainAll()
                #expect(!lists.lru.front.needsInvalidation(cpu))
                lists.dispose([folio])
            }
            #expect(lists.graveyard.count == 1)
        }
    }
}
