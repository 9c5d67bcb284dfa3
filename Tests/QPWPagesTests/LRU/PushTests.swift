import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// Additions that are pushed into a batch neither mark its CPU nor look whether batching is disabled: whoever lets them
    /// in must have seen to both, and be obeyed by all who empty a batch.
    @Suite struct PushTests {
        private static func fill(_ lists: Lists) -> [Folio] {
            (0..<FolioBatch.capacity).map { lists.addFolio($0) }
        }

        /// What a drain from this thread brings to the lists that was not there before.
        private static func drained(_ lists: Lists) -> Set<Int> {
            let before = Set(Contents(lists.lru).all)
            lists.lru.drainAll()
            return Set(Contents(lists.lru).all).subtracting(before)
        }

        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func theFirstAfterAFullBatchIsFound(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            var folios = try await onThread(on: Machine.last) { Self.fill(lists) }
            try await onThread(on: Machine.first) { lists.lru.drainAll() }
            #expect(lists.lru.statistics.visits == 0, "there is nothing there")
            let isMarked = lists.lru.batches.slots.cpus.contains {
                !lists.lru.batches.slots.dirty(of: $0).isEmpty
            }
            #expect(isMarked == lists.lru.batches.mayBeMarkedEmpty)
            folios.append(try await onThread(on: Machine.last) { lists.addFolio(100) })
            try await onThread(on: Machine.first) {
                #expect(Self.drained(lists) == [100])
                #expect(lists.lru.statistics.visits == 1)
            }
            lists.dispose(folios)
            #expect(lists.graveyard.count == 32)
        }

        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func isFoundWhenAnotherBatchWasTheLast(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            var folios = try await onThread(on: Machine.last) {
                let folios = Self.fill(lists)
                for folio in folios { lists.lru.activate(folio) }
                #expect(!lists.lru.needsDrain(.current))
                return folios + [lists.addFolio(100)]
            }
            try await onThread(on: Machine.first) { #expect(Self.drained(lists) == [100]) }
            folios += try await onThread(on: Machine.last) {
                // Emptied by its owner, while another batch holds something.
                let folios = Self.fill(lists)
                lists.lru.activate(folios[0])
                lists.lru.drainLocal()
                return folios + [lists.addFolio(101)]
            }
            try await onThread(on: Machine.first) { #expect(Self.drained(lists) == [101]) }
            lists.dispose(folios)
        }

        /// The bank that a drain takes away while it is empty comes back with the next.
        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func isFoundInABankThatWasTakenEmpty(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            var folios = try await onThread(on: Machine.last) { Self.fill(lists) }
            for round in 0..<3 {
                await lists.lru.drainAll(.everyCPU)
                folios.append(try await onThread(on: Machine.last) { lists.addFolio(100 + round) })
                try await onThread(on: Machine.first) { #expect(Self.drained(lists) == [100 + round]) }
                await lists.lru.drainAll(.everyCPU)
            }
            lists.dispose(folios)
        }

        @Test(arguments: everyPolicy) func noneWaitsOnceBatchingIsDisabled(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                var folios = Self.fill(lists)
                for round in 1...2 {
                    lists.lru.disableBatching()
                    for number in 0..<3 {
                        folios.append(lists.addFolio(100 * round + number))
                        #expect(Contents(lists.lru).inactive.first == 100 * round + number)
                    }
                    lists.lru.enableBatching()
                    folios.append(lists.addFolio(1000))
                    #expect(Contents(lists.lru).inactive.first == 100 * round + 2)
                }
                lists.lru.drainLocal()
                lists.dispose(folios)
            }
            #expect(lists.graveyard.count == 31 + 2 * 4)
        }
    }
}
