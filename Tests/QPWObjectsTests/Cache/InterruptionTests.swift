import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWObjects

// Between two looks at its slot a thread makes a sheaf, and holds nothing. What others could do to its sheaves in that
// moment, or where it could find itself afterwards, is done here within the request for memory; each way out is known by
// its events.
extension ObjectTests {
    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct InterruptionTests {
        /// Allocates from an empty cache, interrupted while it makes its sheaf.
        private func allocate(
            on topology: Topology = .system,
            interruptedBy body: @escaping @Sendable (ObjectCache) throws -> Void
        ) async throws -> (cache: ObjectCache, events: [CacheEvent: Int]) {
            try await onThread(on: Machine.first) {
                let memory = FailingMemory()
                let cache = makeCache(topology: topology, memory: memory.source)
                // The slab's memory is asked for first.
                cache.deallocate(try cache.allocate())
                cache.flush()
                memory.duringNextRequest { #expect(throws: Never.self) { try body(cache) } }
                let before = cache.events
                cache.deallocate(try cache.allocate())
                return (cache, cache.events.merging(before) { $0 - $1 }.filter { $0.value != 0 })
            }
        }

        @Test func refilledIntoMainAlone() async throws {
            let (cache, events) = try await allocate { _ in }
            #expect(events == [.barnGetFail: 1, .sheafAlloc: 1, .sheafRefill: 1])
            #expect(cache.objectsInUse == 4)
        }

        /// `main` is empty, and there is a spare by now: the former `main` is what is left over.
        @Test func refilledIntoMainBesideASpare() async throws {
            let (cache, events) = try await allocate { cache in _ = try cache.prefill(3) }
            #expect(
                events == [
                    .barnGetFail: 1, .sheafAlloc: 2, .sheafRefill: 1, .sheafPrefillSlow: 1,
                    .sheafReturnFast: 1,
                ])
            #expect(cache.objectsInUse == 7)
        }

        /// `main` has objects by now, and no spare: the filled sheaf becomes that.
        @Test func refilledIntoSpare() async throws {
            let (cache, events) = try await allocate { cache in cache.deallocate(try cache.allocate()) }
            // The object that is freed swaps in the spare, in which there is room for it.
            #expect(events == [.barnGetFail: 2, .sheafAlloc: 2, .sheafRefill: 2, .sheafSwap: 1])
            #expect(cache.objectsInUse == 8)
        }

        /// The spare is empty: exchanged for the filled one, it goes to the barn.
        @Test func refilledIntoSpareInPlaceOfAnEmptyOne() async throws {
            let (cache, events) = try await allocate { cache in
                // Two sheaves' worth and one: `main` keeps three, and the spare nothing.
                let objects = try cache.take(5)
                for object in objects.addresses { cache.deallocate(afterGracePeriod: object) }
                cache.barrier()
            }
            #expect(events[.barnGetFail] == 3 && events[.sheafRefill] == 3)
            // The spare, and the sheaf by which the fifth object was postponed.
            #expect(cache.sheavesInBarn.empty == 2)
        }

        /// Both have objects: the filled one is left over. It is no longer full, and flushed.
        @Test func refilledForNothing() async throws {
            let (cache, events) = try await allocate { cache in cache.give(try cache.take(8)) }
            #expect(events[.barnGetFail] == 3 && events[.sheafRefill] == 3)
            #expect(events[.sheafFlush] == 1)
            // Its sheaf, empty now, is what the barn gives for the full `main` when the object is freed.
            #expect(events[.barnPut] == 1)
            #expect(cache.sheavesInBarn.full == 1)
        }

        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"))
        func refilledForAnotherNode() async throws {
            let (cache, events) = try await allocate(on: Machine.withTwoNodes) { _ in
                _ = System.pinThread(to: Machine.last)
            }
            #expect(
                events == [
                    .barnGetFail: 1, .sheafAlloc: 1, .sheafRefill: 1, .sheafFlush: 1, .freeRemote: 1,
                    .freeSlowpath: 1,
                ])
            #expect(cache.objectsInUse == 0)
        }
    }

    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct FreeInterruptionTests {
        /// Frees when `main` and the spare are full and the barn has nothing, interrupted while an empty sheaf is made.
        private func deallocate(
            on topology: Topology = .system,
            interruptedBy body: @escaping @Sendable (ObjectCache) throws -> Void,
            then check: @escaping @Sendable (ObjectCache, [CacheEvent: Int]) -> Void
        ) async throws {
            try await onThread(on: Machine.first) {
                let memory = FailingMemory()
                let cache = makeCache(topology: topology, memory: memory.source)
                let objects = try cache.take(12)
                cache.give(Objects(addresses: Array(objects.addresses.dropFirst(4))))
                memory.duringNextRequest { #expect(throws: Never.self) { try body(cache) } }
                check(cache, cache.events { cache.deallocate(objects.addresses[0]) })
                cache.give(Objects(addresses: Array(objects.addresses[1..<4])))
            }
        }

        @Test func theSpareGoesToTheBarn() async throws {
            try await deallocate { _ in
            } then: { cache, events in
                #expect(events == [.barnPutFail: 1, .sheafAlloc: 1, .barnPut: 1])
                #expect(cache.sheavesInBarn.full == 1)
            }
        }

        @Test func roomWasMadeMeanwhile() async throws {
            try await deallocate { cache in
                cache.deallocate(afterGracePeriod: try cache.allocate())
            } then: { cache, events in
                #expect(events == [.barnPutFail: 1, .sheafAlloc: 2, .freeRCUSheaf: 1])
                #expect(cache.sheavesInBarn.empty == 1, "the sheaf that was made")
            }
        }

        @Test func theSheavesWereFlushedMeanwhile() async throws {
            try await deallocate { cache in
                cache.flush()
            } then: { cache, events in
                #expect(
                    events == [.barnPutFail: 1, .sheafAlloc: 1, .cpuFlush: 1, .sheafFlush: 2, .sheafFree: 2])
                #expect(cache.objectsInUse == 4)
            }
        }

        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"))
        func theThreadIsOnAnotherNodeByNow() async throws {
            try await deallocate(on: Machine.withTwoNodes) { _ in
                _ = System.pinThread(to: Machine.last)
            } then: { cache, events in
                #expect(events == [.barnPutFail: 1, .sheafAlloc: 1, .freeRemote: 1, .freeSlowpath: 1])
                #expect(cache.sheavesInBarn.empty == 1, "the sheaf that was made")
            }
        }

        @Test func withoutMemoryTheObjectGoesToItsSlab() async throws {
            try await onThread(on: Machine.first) {
                let memory = FailingMemory()
                let cache = makeCache(memory: memory.source)
                let objects = try cache.take(12)
                cache.give(Objects(addresses: Array(objects.addresses.dropFirst(4))))
                defer { cache.give(Objects(addresses: Array(objects.addresses[1..<4]))) }
                memory.refuse(0..<1)
                let events = cache.events { cache.deallocate(objects.addresses[0]) }
                #expect(events[.freeSlowpath] == 1 && events[.sheafAlloc] == nil)
            }
        }
    }

    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct PostponeInterruptionTests {
        private func postpone(
            on topology: Topology = .system,
            interruptedBy body: @escaping @Sendable (ObjectCache) throws -> Void
        ) async throws -> (cache: ObjectCache, events: [CacheEvent: Int]) {
            try await onThread(on: Machine.first) {
                let memory = FailingMemory()
                let cache = makeCache(rcu: RCUDomain("own"), topology: topology, memory: memory.source)
                let object = try cache.allocate()
                memory.duringNextRequest { #expect(throws: Never.self) { try body(cache) } }
                let before = cache.events
                cache.deallocate(afterGracePeriod: object)
                return (cache, cache.events.merging(before) { $0 - $1 }.filter { $0.value != 0 })
            }
        }

        @Test func intoASheafOfItsOwn() async throws {
            let (_, events) = try await postpone { _ in }
            #expect(events == [.sheafAlloc: 1, .freeRCUSheaf: 1])
        }

        @Test func anotherSheafIsThereByNow() async throws {
            let (cache, events) = try await postpone { cache in
                cache.deallocate(afterGracePeriod: try cache.allocate())
            }
            #expect(events[.sheafAlloc] == 2 && events[.freeRCUSheaf] == 2)
            #expect(cache.sheavesInBarn.empty == 1, "the sheaf that was made")
        }

        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"))
        func theThreadIsOnAnotherNodeByNow() async throws {
            let (cache, events) = try await postpone(on: Machine.withTwoNodes) { _ in
                _ = System.pinThread(to: Machine.last)
            }
            #expect(events[.freeRCUSheafFail] == 1 && events[.freeRCUSheaf] == nil)
            #expect(cache.sheavesInBarn.empty == 1, "the sheaf that was made")
        }

        @Test func anEmptySheafOfTheBarnIsUsed() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(rcu: RCUDomain("own"))
                let objects = try cache.take(12)
                cache.give(objects)
                // The barn's full sheaf is exchanged for the empty `main`.
                let again = try cache.take(9)
                let events = cache.events { cache.deallocate(afterGracePeriod: again.addresses[0]) }
                #expect(events == [.freeRCUSheaf: 1])
                cache.give(Objects(addresses: Array(again.addresses.dropFirst())))
            }
        }
    }
}

extension ObjectCache {
    /// Of its first node.
    fileprivate var sheavesInBarn: (full: Int, empty: Int) {
        nodes[0].barn.counts
    }
}
