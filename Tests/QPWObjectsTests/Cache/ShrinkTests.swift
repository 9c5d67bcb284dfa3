import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct ShrinkTests {
        @Test(arguments: everyPolicy) func memoryGoesBack(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let memory = FailingMemory()
                let cache = makeCache(objectSize: 1024, policy: policy, memory: memory.source)
                cache.give(try cache.take(5000))
                #expect(cache.slabCount > 0)
                let mapped = memory.mapped
                #expect(mapped >= 5000 * 1024)
                #expect(cache.shrink() > 0)
                #expect(cache.slabCount == 0)
                #expect(memory.mapped == 0)
                #expect(cache.shrink() == 0)
            }
        }

        @Test func whatIsInUseStays() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(objectSize: 1024)
                let object = try cache.allocate()
                object.storeBytes(of: 0x5a5a, as: Int.self)
                cache.give(try cache.take(5000))
                #expect(cache.shrink() > 0)
                #expect(cache.slabCount == 1)
                #expect(object.load(as: Int.self) == 0x5a5a)
                cache.deallocate(object)
            }
        }

        @Test(arguments: everyPolicy) func tickFlushesIdleCPUsOnce(policy: QPWPolicy) async throws {
            let cache = makeCache(policy: policy)
            try await onThread(on: Machine.first) { cache.give(try cache.take(8)) }
            try await onThread(on: Machine.last) {
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 0, "it was active since the last tick")
                #expect(cache.slabCount == 1)
                #expect(cache.tick() > 0)
                #expect(cache.count(of: .cpuFlush) == 1)
                #expect(cache.slabCount == 0)
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 1, "an idle CPU is left alone")
            }
        }

        @Test func aBarrierLeavesABusyCPUBusy() async throws {
            let cache = makeCache(rcu: RCUDomain("own"))
            try await onThread(on: Machine.first) {
                let objects = try cache.take(8)
                cache.deallocate(afterGracePeriod: objects.addresses[0])
                for object in objects.addresses[1...] { cache.deallocate(object) }
            }
            try await onThread(on: Machine.last) {
                cache.barrier()
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 0)
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 1)
            }
        }
    }
}
