import QPWTestSupport
import Testing

@testable import QPW

/// Systems on which readers count differently.
enum RCUSystem: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case thisOne = "this one"
    case withoutSections = "without sections"
    case withoutMembarrier = "without membarrier"
    case lastCPUIsolated = "last CPU isolated"

    var testDescription: String { rawValue }

    func domain(bound: Int = 16_384) -> RCUDomain {
        var capabilities = Capabilities.system
        var quiet = CPUSet()
        switch self {
        case .thisOne: break
        case .withoutSections: capabilities.rseq = .missing("not here")
        case .withoutMembarrier: capabilities.membarrier = .missing("not here")
        case .lastCPUIsolated: quiet = [Machine.last]
        }
        return RCUDomain(
            rawValue, bound: bound,
            topology: Topology(possible: Topology.system.possible, isolated: quiet),
            capabilities: capabilities)
    }
}

/// Begins a section for as long as the caller likes, as a reader on another thread would.
final class HeldReader: Sendable {
    private let leaving = Flag()
    private let thread: TestThread

    init(of domain: RCUDomain, on cpu: CPU? = nil) {
        let entered = Flag()
        thread = TestThread(on: cpu) { [leaving] in
            domain.read {
                entered.raise()
                leaving.wait()
            }
        }
        entered.wait()
    }

    func leave() {
        leaving.raise()
        thread.join()
    }
}

extension RCUDomain {
    var isQuiescent: Bool { counters.isDrained(0) && counters.isDrained(1) }
}

extension CoreTests {
    @Suite struct RCUReadTests {
        @Test(arguments: RCUSystem.allCases)
        func bodyRunsInASection(system: RCUSystem) {
            let domain = system.domain()
            let result = domain.read {
                domain.assertReading()
                #expect(!domain.isQuiescent)
                return domain.read { 42 }
            }
            #expect(result == 42)
            #expect(domain.isQuiescent)
        }

        @Test func errorsPassThroughAndEndTheSection() {
            let domain = RCUDomain()
            #expect(throws: Oops.second) {
                try domain.read { () throws(Oops) in throw .second }
            }
            #expect(domain.isQuiescent)
        }

        @Test func tokensBeginAndEnd() {
            let domain = RCUDomain()
            let outer = domain.readLock()
            let inner = domain.readLock()
            domain.readUnlock(outer)
            #expect(!domain.isQuiescent)
            domain.readUnlock(inner)
            #expect(domain.isQuiescent)
        }

        @Test func deepNestingIsCounted() {
            let domain = RCUDomain(), other = RCUDomain()
            func nest(_ depth: Int) {
                if depth == 0 { return domain.assertReading() }
                domain.read { other.read { nest(depth - 1) } }
            }
            nest(50)
            #expect(domain.isQuiescent && other.isQuiescent)
        }

        @Test(arguments: RCUSystem.allCases)
        func noAddIsLostWhileThreadsHop(system: RCUSystem) async throws {
            let domain = system.domain()
            let threads = (0..<4).map { index in
                TestThread {
                    var random = SeededRandom(3, thread: index)
                    for step in 0..<20_000 {
                        domain.read {
                            guard step % 250 == 0 else { return }
                            _ = System.pinThread(to: Machine.cpus.randomElement(using: &random)!)
                        }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(domain.isQuiescent)
            domain.read { #expect(!domain.isQuiescent) }
        }

        @Test func tasksRead() async {
            let domain = RCUDomain()
            let total = await withTaskGroup(of: Int.self) { group in
                for value in 0..<50 { group.addTask { domain.read { value } } }
                return await group.reduce(0, +)
            }
            #expect(total == 1225)
            #expect(domain.isQuiescent)
        }

        /// A thread may be on a CPU that an injected topology does not have.
        @Test func cpusBeyondTheTopologyCount() async throws {
            let domain = RCUDomain("one CPU", topology: Topology(possible: [0]))
            try await onThread(on: Machine.last) {
                domain.read { #expect(!domain.isQuiescent) }
                #expect(domain.isQuiescent)
                domain.synchronize()
            }
        }

        @Test func descriptionSaysHowAndWhy() {
            #expect(RCUDomain.shared.description.hasPrefix("RCU domain 'shared': readers use "))
            let description = RCUSystem.withoutSections.domain().description
            #expect(description.hasSuffix("readers use atomic operations, since not here"))
        }
    }
}
