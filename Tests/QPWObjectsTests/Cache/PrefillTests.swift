import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct PrefillTests {
        @Test(arguments: everyPolicy) func slowThenFast(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy)
                let first = try cache.events { _ = try cache.prefill(3) }
                #expect(first == [.sheafPrefillSlow: 1, .sheafAlloc: 1, .sheafReturnFast: 1])
                let second = try cache.events { _ = try cache.prefill(2) }
                #expect(second == [.sheafPrefillFast: 1, .sheafReturnFast: 1])
            }
        }

        @Test func aSecondOneIsFlushedOnReturn() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache()
                let events = try cache.events {
                    let one = try cache.prefill(3)
                    let other = try cache.prefill(3)
                    #expect(one.count + other.count == 6)
                }
                #expect(events[.sheafPrefillSlow] == 2)
                #expect(events[.sheafReturnFast] == 1)
                #expect(events[.sheafReturnSlow] == 1)
                #expect(events[.sheafFlush] == 1)
                #expect(cache.objectsInUse == 3)
            }
        }

        @Test func barnsFullSheafIsFast() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache()
                cache.give(try cache.take(12))
                let events = try cache.events {
                    let spare = try cache.prefill(4)
                    let fromBarn = try cache.prefill(4)
                    #expect(spare.count == 4 && fromBarn.count == 4)
                }
                #expect(
                    events == [.sheafPrefillFast: 2, .sheafReturnFast: 1, .sheafReturnSlow: 1, .barnPut: 1])
            }
        }

        @Test func oversizeIsNotKept() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache()
                let events = try cache.events {
                    let sheaf = try cache.prefill(9)
                    #expect(sheaf.count == 9)
                }
                #expect(
                    events == [
                        .sheafPrefillOversize: 1, .sheafAlloc: 1, .sheafReturnSlow: 1, .sheafFlush: 1,
                        .sheafFree: 1,
                    ])
                #expect(cache.objectsInUse == 0)
            }
        }

        /// A sheaf that went back to a CPU without sheaves is its spare; the bootstrap sheaf must not take its place.
        @Test func aReturnedSheafServesAFreshCPU() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache()
                _ = try cache.prefill(3)
                let objects = try cache.take(20)
                #expect(Set(objects.addresses).count == 20)
                cache.give(objects)
            }
        }

        @Test func aReturnedSheafServesTries() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache()
                _ = try cache.prefill(3)
                let object = try #require(cache.tryAllocate())
                #expect(cache.tryDeallocate(object))
                cache.give(try cache.take(9))
                let sheaf = try cache.prefill(4)
                #expect(sheaf.count >= 4)
            }
        }

        @Test(arguments: [0, 4]) func allocationsCannotFailUpToCount(capacity: Int) async throws {
            try await onThread(on: Machine.first) {
                let memory = FailingMemory()
                do {
                    let cache = makeCache(capacity: capacity, memory: memory.source)
                    var sheaf = try cache.prefill(7)
                    memory.refuse(0..<Int.max)
                    var objects = Objects()
                    while let object = sheaf.allocate() { objects.addresses.append(object) }
                    #expect(Set(objects.addresses).count == 7)
                    memory.refuse(0..<0)
                    try sheaf.refill(2)
                    #expect(sheaf.count == 2)
                    try sheaf.refill(20)
                    #expect(sheaf.count == 20)
                    try sheaf.refill(1)
                    #expect(sheaf.count == 20)
                    cache.give(objects)
                }
                memory.expectAllBack()
            }
        }

        @Test(arguments: [0, 4]) func nothingCanBeSetAside(capacity: Int) async throws {
            let memory = FailingMemory()
            do {
                let cache = makeCache(capacity: capacity, memory: memory.source)
                var sheaf = try cache.prefill(0)
                #expect(sheaf.count == 0)
                try sheaf.refill(3)
                #expect(sheaf.count == 3)
            }
            memory.expectAllBack()
        }
    }
}
