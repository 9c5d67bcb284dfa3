import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// When batches are moved, and what that costs.
    @Suite struct BatchTests {
        @Test(arguments: everyPolicy) func aFullBatchIsMoved(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folios = (0..<30).map { lists.addFolio($0) }
                #expect(Contents(lists.lru).all.isEmpty)
                #expect(lists.lru.needsDrain(.current))
                let last = lists.addFolio(30)
                #expect(Contents(lists.lru).inactive == (0...30).reversed())
                #expect(!lists.lru.needsDrain(.current))
                #expect(lists.lru.statistics.movedFull == 1)
                lists.dispose(folios + [last])
            }
            #expect(lists.graveyard.count == 31)
        }

        @Test(arguments: everyPolicy) func aHeavyFolioDoesNotWait(policy: QPWPolicy) async throws {
            let lists = Lists(policy, heavyWeight: 10)
            try await onThread(on: Machine.first) {
                let light = lists.addFolio(1, weight: 9)
                #expect(Contents(lists.lru).all.isEmpty)
                let heavy = lists.addFolio(2, weight: 10)
                #expect(Contents(lists.lru).inactive == [2, 1], "it takes along those who wait")
                #expect(lists.lru.sizes.inactive == ListSize(folios: 2, weight: 19))
                #expect(lists.lru.statistics.movedHeavy == 1)
                lists.dispose([light, heavy])
            }
        }

        /// Who shares out folios among the two lists asks which of them is short.
        @Test func theInactiveListIsLowWhileItWeighsLess() async throws {
            let lists = Lists()
            try await onThread(on: Machine.first) {
                let folios = [lists.addFolio(0, weight: 2), lists.addFolio(1, weight: 3)]
                #expect(!lists.lru.isInactiveLow(node: 0), "nothing is on either")
                lists.lru.drainLocal()
                lists.lru.activate(folios[1])
                lists.lru.drainLocal()
                #expect(lists.lru.isInactiveLow(node: 0), "2 to 3")
                lists.lru.deactivate(folios[1])
                lists.lru.drainLocal()
                #expect(!lists.lru.isInactiveLow(node: 0))
                lists.dispose(folios)
            }
        }

        private static let updates: [@Sendable (Lists, Folio) -> Void] = [
            { $0.lru.deactivateFile($1) }, { $0.lru.rotate($1) }, { _ = $0.lru.pin($1) },
        ]

        /// Whichever of a CPU's slots it is whose batch a drain takes from elsewhere.
        @Test(
            .enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"), arguments: everyPolicy,
            Self.updates.indices)
        func tellsHowLongDrainsHoldSlots(policy: QPWPolicy, update: Int) async throws {
            let lists = Lists(policy)
            let folio = try await onThread(on: Machine.last) {
                let folio = lists.addFolio()
                lists.lru.drainLocal()
                Self.updates[update](lists, folio)
                return folio
            }
            #expect(lists.lru.contention.longestRemoteHold == 0)
            try await onThread(on: Machine.first) { lists.lru.drainAll() }
            #expect(lists.lru.contention.longestRemoteHold > 0)
            if folio.isPinned { lists.lru.unpin(folio) }
            lists.dispose([folio])
        }

        @Test(arguments: everyPolicy) func isFoundInTheBatchOfAdditions(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folios = (0..<5).map { lists.addFolio($0) }
                lists.lru.markAccessed(folios[2])
                #expect(folios[2].isReferenced)
                lists.lru.markAccessed(folios[2])
                #expect(!folios[2].isReferenced)
                lists.lru.drainLocal()
                #expect(Contents(lists.lru).active == [2])
                #expect(lists.lru.statistics.recencyUpdates == 5, "marking it needed no batch")
                lists.dispose(folios)
            }
        }

        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"))
        func isLeftAloneInAnotherCPUsBatch() async throws {
            let lists = Lists()
            let folio = try await onThread(on: Machine.last) { lists.addFolio(1) }
            try await onThread(on: Machine.first) {
                lists.lru.activate(folio)
                lists.lru.drainAll()
                #expect(Contents(lists.lru).inactive == [1])
                lists.dispose([folio])
            }
        }

        /// What the batches are for.
        @Test(arguments: everyPolicy)
        func theListLockIsTakenOnceForThirtyUpdates(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folios = (0..<3100).map { lists.addFolio($0) }
                for folio in folios { lists.lru.activate(folio) }
                for folio in folios { lists.lru.deactivate(folio) }
                for folio in folios { #expect(lists.lru.pin(folio)) }
                for folio in folios { lists.lru.unpin(folio) }
                let statistics = lists.lru.statistics
                #expect(statistics.recencyUpdates == 5 * 3100)
                #expect(statistics.listLockAcquisitions * 25 <= statistics.recencyUpdates)
                lists.dispose(folios)
            }
        }

        @Test func theEndOfTheListsFreesEverything() async throws {
            let graveyard = Graveyard()
            try await onThread(on: Machine.first) {
                let lru = PageLRU("short-lived", topology: Machine.withTwoNodes) { graveyard.bury($0) }
                for number in 0..<100 {
                    let folio = Folio.allocate(payloadBytes: 0, node: number % lru.nodeCount)!
                    lru.add(folio)
                    if number % 3 == 0 { lru.activate(folio) }
                    if number % 5 == 0 { #expect(lru.pin(folio)) }
                    lru.front.insert(UInt(number), folio)
                    lru.release(folio)
                }
            }
            #expect(graveyard.count == 100)
        }

        @Test func onlyWhoHasTheLastReferenceFrees() {
            let lists = Lists()
            let folio = lists.makeFolio()
            #expect(folio.tryRetain())
            #expect(!folio.dropReference())
            #expect(!folio.dropReference())
            #expect(folio.dropReference())
            #expect(!folio.tryRetain(), "what is gone does not come back")
            folio.deallocate()
        }
    }
}
