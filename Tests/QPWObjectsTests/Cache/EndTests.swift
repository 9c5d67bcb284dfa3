import Foundation
import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    /// What a cache leaves when its last reference is dropped.
    @Suite struct EndTests {
        @Test func memoryIsBackOnTheNextLine() async throws {
            try await onThread {
                let rcu = RCUDomain("own")
                let memory = FailingMemory()
                for round in 0..<500 {
                    do {
                        let cache = makeCache(rcu: rcu, memory: memory.source)
                        let objects = try cache.take(11)
                        for object in objects.addresses { cache.deallocate(afterGracePeriod: object) }
                        if round % 3 == 0 { cache.flush() }
                    }
                    #expect(memory.mapped == 0 && memory.blocks == 0)
                }
            }
        }

        /// There it cannot wait: what is left is given back by the last callback.
        @Test func inACallback() async throws {
            try await onThread {
                let rcu = RCUDomain("own")
                let memory = FailingMemory()
                for _ in 0..<200 {
                    let cache = makeCache(rcu: rcu, memory: memory.source)
                    let objects = try cache.take(6)
                    rcu.call {
                        for object in objects.addresses { cache.deallocateInCallback(object) }
                    }
                }
                rcu.barrier()
                // What the callbacks queued.
                rcu.barrier()
                #expect(memory.mapped == 0 && memory.blocks == 0)
            }
        }

        @Test func leaksAreCountedAfterTheGracePeriod() async throws {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                try leakTwo(of: 7)
                FileHandle.standardError.write(Data("and on\n".utf8))
            }
            let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
            #expect(text.contains("'tested' ends while 2 of its objects are in use.\nand on"))
        }

        #if DEBUG
        @Test func inAReadSectionItTraps() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                try await onThread {
                    let rcu = RCUDomain("readers")
                    var cache: ObjectCache? = makeCache(rcu: rcu)
                    cache?.deallocate(afterGracePeriod: try cache!.allocate())
                    rcu.read { cache = nil }
                }
            }
            let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
            #expect(text.contains("in a read section of 'readers' waits for its own end"))
        }
        #endif

        @Test func inAReadSectionWithNothingPostponedItDoesNot() async throws {
            try await onThread {
                let rcu = RCUDomain("readers")
                var cache: ObjectCache? = makeCache(rcu: rcu)
                cache?.deallocate(try cache!.allocate())
                rcu.read { cache = nil }
            }
        }
    }
}

private func leakTwo(of count: Int) throws {
    let cache = makeCache(rcu: RCUDomain("own"))
    let objects = try cache.take(count)
    for object in objects.addresses.dropFirst(2) { cache.deallocate(afterGracePeriod: object) }
}

extension ObjectCache {
    /// `deallocate(afterGracePeriod:)` from a function that the compiler takes for one that may be asynchronous.
    fileprivate func deallocateInCallback(_ object: UnsafeMutableRawPointer) {
        deallocate(afterGracePeriod: object)
    }
}
