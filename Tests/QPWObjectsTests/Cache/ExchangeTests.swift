import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

// Sheaves of four on one pinned thread: each visit to spare, barn and slabs is known beforehand. Every test names all that
// may happen, so that a branch taken too often is seen as well.
extension ObjectTests {
    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct ExchangeTests {
        @Test(arguments: everyPolicy) func firstObjectsComeFromSlabs(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy)
                let objects = try cache.take(9)
                #expect(cache.events == [.barnGetFail: 3, .sheafAlloc: 2, .sheafRefill: 3])
                #expect(Set(objects.addresses).count == 9)
                cache.give(objects)
            }
        }

        @Test(arguments: everyPolicy) func mainAndSpareAreSwapped(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy)
                let objects = try cache.take(8)
                let freeing = cache.events { cache.give(objects) }
                #expect(freeing == [.sheafSwap: 1])
                var again = Objects()
                let allocating = try cache.events { again = try cache.take(8) }
                #expect(allocating == [.sheafSwap: 1])
                #expect(Set(again.addresses) == Set(objects.addresses))
                cache.give(again)
            }
        }

        @Test(arguments: everyPolicy) func fullSheavesGoToTheBarnAndComeBack(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy)
                let objects = try cache.take(12)
                // The barn has no empty sheaf to exchange for the full one: one is made.
                let first = cache.events { cache.give(objects) }
                #expect(first == [.sheafSwap: 1, .barnPutFail: 1, .sheafAlloc: 1, .barnPut: 1])
                var again = Objects()
                let allocating = try cache.events { again = try cache.take(12) }
                #expect(allocating == [.sheafSwap: 1, .barnGet: 1])
                // Now it has one.
                let second = cache.events { cache.give(again) }
                #expect(second == [.sheafSwap: 1, .barnPut: 1])
            }
        }

        @Test(arguments: everyPolicy) func sparesAreFlushedOnceTheBarnIsSated(policy: QPWPolicy) async throws
        {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy)
                let objects = try cache.take(14 * 4)
                let before = cache.events
                cache.give(objects)
                // Main, spare and ten in the barn; the two that are too many go to slabs.
                #expect(cache.events[.barnPut] == 10)
                #expect(cache.events[.sheafFlush] == 2)
                #expect(cache.events[.barnPutFail] == 12)
                #expect(cache.events[.sheafAlloc] == (before[.sheafAlloc] ?? 0) + 10)
                #expect(cache.objectsInUse == 12 * 4)
            }
        }

        @Test(arguments: everyPolicy) func withoutSheavesEverythingGoesToSlabs(policy: QPWPolicy) async throws
        {
            try await onThread(on: Machine.first) {
                let cache = makeCache(capacity: 0, policy: policy)
                let objects = try cache.take(5)
                cache.give(objects)
                #expect(cache.events == [.allocSlowpath: 5, .freeSlowpath: 5])
                #expect(cache.objectsInUse == 0)
            }
        }

        @Test(arguments: everyPolicy) func flushEmptiesSheavesAndBarn(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy)
                cache.give(try cache.take(12))
                #expect(cache.objectsInUse == 12)
                let flushing = cache.events { cache.flush() }
                #expect(flushing == [.cpuFlush: 1, .sheafFlush: 3, .sheafFree: 3])
                #expect(cache.objectsInUse == 0)
                let nothing = cache.events { cache.flush() }
                #expect(nothing.isEmpty, "a CPU that holds nothing is not visited")
            }
        }

        @Test(arguments: everyPolicy) func flushOfOneCPU(policy: QPWPolicy) async throws {
            let cache = makeCache(policy: policy)
            try await onThread(on: Machine.first) { cache.give(try cache.take(8)) }
            try await onThread(on: Machine.last) {
                let flushing = cache.events { cache.flush(Machine.first) }
                #expect(flushing == [.cpuFlush: 1, .sheafFlush: 2])
                #expect(cache.count(of: .cpuFlush, on: Machine.first) == 1, "whoever does it")
                #expect(cache.objectsInUse == 0)
                let nothing = cache.events { cache.flush(Machine.first) }
                #expect(nothing.isEmpty, "a CPU that holds nothing is not visited")
            }
        }

        @Test func statisticsAreKeptPerCPU() async throws {
            let cache = makeCache()
            let objects = try await onThread(on: Machine.first) { try cache.take(4) }
            #expect(cache.count(of: .sheafRefill, on: Machine.first) == 1)
            for cpu in Machine.cpus.dropFirst() { #expect(cache.count(of: .sheafRefill, on: cpu) == 0) }
            try await onThread(on: Machine.last) { cache.give(objects) }
        }
    }
}
