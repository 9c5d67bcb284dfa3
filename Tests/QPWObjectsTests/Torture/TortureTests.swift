import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite struct TortureTests {
        @Test(arguments: everyPolicy) func handedOutOnce(policy: QPWPolicy) async throws {
            let cache = makeCache(capacity: 7, policy: policy, rcu: RCUDomain("tortured"))
            try await torture(cache)
        }

        @Test func handedOutOnceWithTwoNodes() async throws {
            try await torture(makeCache(capacity: 7, topology: Machine.withTwoNodes))
        }

        @Test func handedOutOnceWithEveryCheck() async throws {
            try await torture(makeCache(flags: [.redZones, .consistencyChecks]))
        }

        /// An allocator that hands out now and then what somebody has: the checker must notice.
        @Test func theBrokenTwinIsCaught() {
            let cache = makeCache()
            let stamps = Stamps()
            var calls = 0
            var torturer = Torturer(cache, stamps, thread: 0, seed: 1) { held throws(OutOfMemory) in
                calls += 1
                if calls % 50 == 0, let taken = held.addresses.popLast() {
                    // Given out again, and the first owner goes on for a while as if it were still the only one.
                    return taken
                }
                return try cache.allocate()
            }
            torturer.run(steps: 2000)
            #expect(stamps.errorCount > 0)
        }

        /// Memory is refused now and then, wherever it is asked for.
        @Test(arguments: everyPolicy) func nothingIsLostWhereMemoryLacks(policy: QPWPolicy) async throws {
            let memory = FailingMemory()
            do {
                let cache = makeCache(
                    objectSize: 4096, capacity: 5, policy: policy, rcu: RCUDomain("own"),
                    memory: memory.source)
                try await torture(cache) { random in
                    let first = Int.random(in: 0..<20, using: &random)
                    memory.refuse(first..<first + Int.random(in: 1..<30, using: &random))
                    System.sleep(nanoseconds: 500_000)
                }
                memory.refuse(0..<0)
                #expect(memory.refusals > 0)
            }
            memory.expectAllBack()
        }
    }
}
