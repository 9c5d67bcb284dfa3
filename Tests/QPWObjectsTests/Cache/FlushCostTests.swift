import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWObjects

extension ObjectTests {
    /// What a flush costs: visits to CPUs that hold something, and none to those that do not, however many there are.
    @Suite struct FlushCostTests {
        private static let everyCPU = Topology(possible: CPUSet((0..<4096).map { CPU($0) }))

        /// Under the policies that queue each CPU that is visited gets a worker, which it keeps: not four thousand of them.
        private static let cases = everyPolicy.flatMap { policy in
            let isQueueing = ["queue", "rtQueue"].contains(policy.description)
            return (isQueueing ? [0, 1, 10] : [0, 1, 10, 4096]).map { (holders: $0, policy: policy) }
        }

        @Test(arguments: cases)
        func visitsAreThoseWhoHoldSomething(holders: Int, policy: QPWPolicy) async throws {
            let cache = makeCache(policy: policy, topology: Self.everyCPU)
            // Spread out, so that their places say nothing.
            let cpus = CPUSet((0..<holders).map { CPU($0 * (4096 / max(holders, 1))) })
            try await onThread {
                cache.giveSheaves(to: cpus)
                cache.flush()
                #expect(cache.count(of: .cpuFlush) == holders)
                #expect(cpus.allSatisfy { cache.count(of: .cpuFlush, on: $0) == 1 })
                cache.flush()
                cache.tick()
                cache.barrier()
                #expect(cache.count(of: .cpuFlush) == holders, "nobody holds anything any more")
            }
        }

        @Test func aTickLeavesWhoIsActive() async throws {
            let cache = makeCache(topology: Self.everyCPU)
            try await onThread {
                cache.giveSheaves(to: CPUSet((0..<60).map { CPU($0) }))
                cache.giveSheaves(to: CPUSet((60..<100).map { CPU($0) }), marks: .some)
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 40)
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 100)
            }
        }
    }
}

extension ObjectCache {
    /// As if the CPUs had refilled, while nobody uses the cache: most CPUs of an injected topology cannot do so themselves.
    func giveSheaves(to cpus: CPUSet, marks: Dirty = [.some, .active]) {
        sheaves.forEachUnshared { value, cpu in
            guard cpus.contains(cpu), let sheaf = stock.makeSheaf() else { return }
            value.main = sheaf
            sheaves.table.slot(of: cpu).dirty.pointee.store(marks.rawValue, ordering: .relaxed)
        }
    }
}
