import QPWTestSupport
import Testing

@testable import QPW

private final class Counter: Sendable {
    let counter: PerCPUCounter

    init(topology: Topology = .system, capabilities: Capabilities = .system) {
        counter = PerCPUCounter(topology: topology, capabilities: capabilities)
    }
}

extension CoreTests {
    @Suite struct PerCPUCounterTests {
        @Test func countsUpDownAndAround() {
            let counter = PerCPUCounter()
            #expect(counter.value == 0)
            counter.add()
            counter.add(41)
            counter.add(-50)
            #expect(counter.value == -8)
            counter.add(.max)
            counter.add(8)
            #expect(counter.value == .max)
            counter.add(1)
            #expect(counter.value == .min)
            counter.add(.min)
            #expect(counter.value == 0)
        }

        static let systems: [(String, Capabilities)] = [
            ("this one", .system), ("without sections", Capabilities(rseq: .missing("not here"))),
        ]

        @Test(arguments: systems.map(\.0))
        func isExactWhileThreadsHop(system: String) async throws {
            let capabilities = Self.systems.first { $0.0 == system }!.1
            let shared = Counter(capabilities: capabilities)
            let threads = (0..<6).map { index in
                TestThread {
                    var random = SeededRandom(11, thread: index)
                    for step in 0..<20_000 {
                        if step % 500 == 0 {
                            _ = System.pinThread(to: Machine.cpus.randomElement(using: &random)!)
                        }
                        shared.counter.add(step % 7 - 2)
                    }
                }
            }
            for thread in threads { thread.join() }
            let one = (0..<20_000).reduce(0) { $0 + $1 % 7 - 2 }
            #expect(shared.counter.value == 6 * one)
        }

        @Test func isExactWithManyCPUs() {
            let counter = PerCPUCounter(topology: Topology(possible: CPUSet(ids: 0..<128)))
            for _ in 0..<1000 { counter.add(3) }
            #expect(counter.value == 3000)
        }

        /// "Never fails": where `PerCPU` traps for want of a slot, a counter still counts.
        @Test(arguments: [CPU(7), CPU(300)])
        func countsOnACPUThatItsTopologyLacks(only: CPU) {
            let counter = PerCPUCounter(topology: Topology(possible: [only]))
            for _ in 0..<1000 { counter.add() }
            #expect(counter.value == 1000)
        }
    }
}
