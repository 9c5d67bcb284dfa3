import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)")) struct NodeTests {
        @Test func objectsOfAnotherNodeBypassTheSheaves() async throws {
            let cache = makeCache(topology: Machine.withTwoNodes)
            let objects = try await onThread(on: Machine.first) { try cache.take(4) }
            try await onThread(on: Machine.last) {
                let freeing = cache.events { cache.give(objects) }
                #expect(freeing == [.freeRemote: 4, .freeSlowpath: 4])
                let distant = try cache.allocateOn(Machine.first)
                #expect(!cache.tryDeallocate(distant))
                cache.deallocate(distant)
            }
        }

        @Test func objectsOfTheOwnNodeDoNot() async throws {
            let cache = makeCache(topology: Machine.withTwoNodes)
            try await onThread(on: Machine.last) {
                let objects = try cache.take(4)
                let freeing = cache.events { cache.give(objects) }
                #expect(freeing.isEmpty)
            }
        }

        /// An object that RCU frees alone is freed on whatever CPU, perhaps into its sheaf, even while the cache ends.
        @Test func objectsOfAnotherNodeAreFreedByRCUAlone() async throws {
            let memory = FailingMemory()
            for _ in 0..<50 {
                let cache = makeCache(topology: Machine.withTwoNodes, memory: memory.source)
                let objects = try await onThread(on: Machine.first) { try cache.take(4) }
                try await onThread(on: Machine.last) {
                    for object in objects.addresses { cache.deallocate(afterGracePeriod: object) }
                }
                #expect(cache.events[.freeRCUSheafFail] == 4)
            }
            memory.expectAllBack()
        }
    }

    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct IsolationTests {
        @Test(arguments: everyPolicy) func bypassLeavesNothingToDrain(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(
                    policy: policy, isolated: .bypass, rcu: RCUDomain("own"), topology: Machine.allIsolated)
                let objects = try cache.take(5)
                for object in objects.addresses[1...] { cache.deallocate(object) }
                #expect(cache.events == [.allocSlowpath: 5, .freeSlowpath: 4])
                cache.deallocate(afterGracePeriod: objects.addresses[0])
                #expect(cache.events[.freeRCUSheafFail] == 1)
                #expect(cache.events[.freeRCUSheaf] == nil)
                #expect(cache.sheaves.dirty(of: Machine.first).isEmpty)
                let flushing = cache.events { cache.flush() }
                #expect(flushing[.cpuFlush] == nil)
                cache.barrier()
                #expect(cache.objectsInUse == 0)
            }
        }

        @Test(arguments: everyPolicy) func remoteKeepsSheaves(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let cache = makeCache(policy: policy, topology: Machine.allIsolated)
                cache.give(try cache.take(4))
                #expect(cache.events[.allocSlowpath] == nil)
                #expect(cache.objectsInUse == 4)
                cache.flush()
                #expect(cache.objectsInUse == 0)
            }
        }
    }
}

extension ObjectCache {
    /// An object from the slabs of the node of `cpu`.
    fileprivate func allocateOn(_ cpu: CPU) throws -> UnsafeMutableRawPointer {
        let room = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: 1)
        defer { room.deallocate() }
        try #require(nodes[0].slabs.take(1, for: stock.identity, into: room) == 1)
        return room[0]
    }
}
