import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct TryTests {
        @Test(arguments: everyPolicy) func refusedWhileTheSlotIsHeld(policy: QPWPolicy) async throws {
            let cache = makeCache(policy: policy)
            let object = try await onThread(on: Machine.first) {
                let objects = try cache.take(3)
                cache.deallocate(objects.addresses[0])
                cache.deallocate(objects.addresses[1])
                return Objects(addresses: [objects.addresses[2]])
            }
            let isHeld = Flag(), mayLeave = Flag()
            async let holder: Void = onThread(on: Machine.first) {
                cache.sheaves.withLocal { _, _ in
                    isHeld.raise()
                    mayLeave.wait()
                }
            }
            try await onThread(on: Machine.first) {
                isHeld.wait()
                #expect(cache.tryAllocate() == nil)
                #expect(!cache.tryDeallocate(object.addresses[0]))
            }
            mayLeave.raise()
            try await holder
            try await onThread(on: Machine.first) {
                let other = try #require(cache.tryAllocate())
                #expect(cache.tryDeallocate(object.addresses[0]))
                #expect(cache.tryDeallocate(other))
            }
        }

        @Test(arguments: everyPolicy) func neverGoesFurtherThanTheSpare(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy)
                #expect(cache.tryAllocate() == nil)
                let objects = try cache.take(12)
                var freed = 0
                for object in objects.addresses where cache.tryDeallocate(object) { freed += 1 }
                #expect(freed == 8)
                #expect(cache.objectsInUse == 12)
                var taken = Objects()
                while let object = cache.tryAllocate() { taken.addresses.append(object) }
                #expect(taken.addresses.count == 8)
                cache.give(taken)
                cache.give(Objects(addresses: Array(objects.addresses[8...])))
            }
        }
    }
}
