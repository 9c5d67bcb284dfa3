import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct RCUFreeTests {
        @Test(arguments: everyPolicy) func notReusedWhileAReaderIsInside(policy: QPWPolicy) async throws {
            let rcu = RCUDomain("readers")
            let cache = makeCache(policy: policy, rcu: rcu)
            let isInside = Flag(), mayLeave = Flag()
            async let reader: Void = onThread(on: Machine.last) {
                rcu.read {
                    isInside.raise()
                    mayLeave.wait()
                }
            }
            try await onThread(on: Machine.first) {
                isInside.wait()
                let old = try cache.take(6)
                for object in old.addresses { cache.deallocate(afterGracePeriod: object) }
                #expect(cache.events[.freeRCUSheaf] == 6)
                cache.flush()
                let new = try cache.take(100)
                #expect(Set(new.addresses).isDisjoint(with: old.addresses))
                #expect(cache.objectsInUse >= 106)
                cache.give(new)
            }
            mayLeave.raise()
            try await reader
            try await onThread {
                cache.barrier()
                cache.flush()
            }
            #expect(cache.objectsInUse == 0)
        }

        @Test(arguments: everyPolicy) func barrierHandsOverWhatIsInSheaves(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy, rcu: RCUDomain("own"))
                let objects = try cache.take(3)
                for object in objects.addresses { cache.deallocate(afterGracePeriod: object) }
                cache.barrier()
                cache.flush()
                #expect(cache.objectsInUse == 0)
            }
        }

        @Test func aFullSheafGoesToTheBarn() async throws {
            try await onThread(on: Machine.first) {
                let rcu = RCUDomain("own")
                let cache = makeCache(rcu: rcu)
                let objects = try cache.take(8)
                for object in objects.addresses[..<4] { cache.deallocate(afterGracePeriod: object) }
                rcu.barrier()
                #expect(cache.events[.barnPut] == 1)
                var again = Objects()
                let events = try cache.events { again = try cache.take(4) }
                #expect(events == [.barnGet: 1])
                #expect(Set(again.addresses) == Set(objects.addresses[..<4]))
                cache.give(again)
                cache.give(Objects(addresses: Array(objects.addresses[4...])))
            }
        }

        @Test func aSatedBarnRefusesASheaf() async throws {
            try await onThread(on: Machine.first) {
                let rcu = RCUDomain("own")
                let cache = makeCache(rcu: rcu)
                let objects = try cache.take(13 * 4)
                cache.give(Objects(addresses: Array(objects.addresses.dropFirst(4))))
                #expect(cache.events[.barnPut] == 10)
                let events = cache.events {
                    for object in objects.addresses.prefix(4) { cache.deallocate(afterGracePeriod: object) }
                    rcu.barrier()
                }
                #expect(events == [.freeRCUSheaf: 4, .sheafAlloc: 1, .barnPutFail: 1, .sheafFlush: 1])
            }
        }

        /// Only CPUs with something to hand over are visited, and their other sheaves stay.
        @Test func aBarrierVisitsWhoHasPostponedSomething() async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(rcu: RCUDomain("own"))
                let objects = try cache.take(8)
                cache.give(Objects(addresses: Array(objects.addresses.dropFirst())))
                #expect(!cache.sheaves.dirty(of: Machine.first).contains(.postponed))
                cache.deallocate(afterGracePeriod: objects.addresses[0])
                #expect(cache.sheaves.dirty(of: Machine.first).contains(.postponed))
                cache.barrier()
                #expect(cache.sheaves.dirty(of: Machine.first) == [.some, .active])
                #expect(cache.objectsInUse == 7)
            }
        }

        @Test func withoutMemoryForASheafAnObjectGoesAlone() async throws {
            try await onThread(on: Machine.first) {
                let memory = FailingMemory()
                let cache = makeCache(rcu: RCUDomain("own"), memory: memory.source)
                let object = try cache.allocate()
                memory.refuse(0..<Int.max)
                cache.deallocate(afterGracePeriod: object)
                #expect(cache.events[.freeRCUSheafFail] == 1)
                cache.barrier()
                cache.flush()
                #expect(cache.objectsInUse == 0)
            }
        }

        /// The last reference may go while a callback runs that uses the cache.
        @Test func endsWhileCallbacksRun() async throws {
            try await onThread {
                let rcu = RCUDomain("own")
                let memory = FailingMemory()
                for round in 0..<2000 {
                    let cache = makeCache(rcu: rcu, memory: memory.source)
                    let objects = try cache.take(4)
                    for object in objects.addresses { cache.deallocate(afterGracePeriod: object) }
                    if round % 2 == 0 { rcu.synchronize() }
                }
                #expect(memory.mapped == 0 && memory.blocks == 0)
            }
        }
    }
}
