import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

/// Notes which CPUs a domain fences, and does what the system's would.
private final class FenceLog: Sendable {
    private let log = Guarded<(single: [CPU], broadcasts: Int)>(([], 0))

    var fence: ReaderFence {
        ReaderFence(
            one: { cpu in
                self.log.withLock { $0.single.append(cpu) }
                ReaderFence.system.one(cpu)
            },
            all: {
                self.log.withLock { $0.broadcasts += 1 }
                ReaderFence.system.all()
            })
    }

    /// What has happened since the last call.
    func take() -> (single: [CPU], broadcasts: Int) {
        log.withLock { log in
            defer { log = ([], 0) }
            return log
        }
    }
}

private final class Isolation: Sendable {
    private let cpus: Guarded<CPUSet>

    init(_ cpus: CPUSet) { self.cpus = Guarded(cpus) }

    var topology: Topology {
        Topology(
            possible: Topology.system.possible, nodes: Topology.system.nodes, notes: [],
            source: TopologySource(
                online: { nil }, allowed: { nil }, isolated: { self.cpus.withLock { $0 } },
                nohzFull: { nil }))
    }

    /// A domain looks again after a second.
    func change(to new: CPUSet) {
        cpus.withLock { $0 = new }
        System.sleep(nanoseconds: 1_000_000_000)
    }
}

extension CoreTests {
    @Suite(.enabled(if: Machine.hasFence && Machine.pinsThreads, "needs sections, membarrier and two CPUs"))
    struct RCUQuietCPUTests {
        private func domain(_ topology: Topology, _ log: FenceLog) -> RCUDomain {
            RCUDomain("quiet", topology: topology, capabilities: .system, fence: log.fence)
        }

        private func read(_ domain: RCUDomain, on cpu: CPU) async throws {
            try await onThread(on: cpu) { for _ in 0..<100 { domain.read {} } }
        }

        @Test func onlyCPUsThatHadReadersAreFenced() async throws {
            let log = FenceLog()
            let domain = domain(Topology(possible: Topology.system.possible), log)
            try await onThread { domain.synchronize() }
            #expect(log.take().single == [])
            try await read(domain, on: Machine.first)
            try await onThread { domain.synchronize() }
            let fenced = log.take()
            #expect(fenced.single == [Machine.first])
            #expect(fenced.broadcasts == 0)
        }

        @Test func quietCPUsAreNeverFenced() async throws {
            let log = FenceLog()
            let topology = Topology(possible: Topology.system.possible, nohzFull: [Machine.last])
            let domain = domain(topology, log)
            try await read(domain, on: Machine.last)
            try await read(domain, on: Machine.first)
            for _ in 0..<10 {
                let reader = HeldReader(of: domain, on: Machine.last)
                let writer = TestThread(on: Machine.first) { domain.synchronize() }
                domain.call {}
                reader.leave()
                writer.join()
            }
            try await onThread { domain.barrier() }
            let fenced = log.take()
            #expect(fenced.broadcasts == 0)
            #expect(!fenced.single.isEmpty && !fenced.single.contains(Machine.last))
        }

        @Test func aCPUThatBecomesQuietIsFencedOnce() async throws {
            let log = FenceLog(), isolation = Isolation([])
            let domain = domain(isolation.topology, log)
            try await read(domain, on: Machine.last)
            try await onThread { domain.synchronize() }
            #expect(log.take().single == [Machine.last])
            isolation.change(to: [Machine.last])
            try await onThread { domain.synchronize() }
            #expect(log.take().single == [Machine.last])
            try await read(domain, on: Machine.last)
            try await onThread { domain.synchronize() }
            #expect(log.take().single == [])
            #expect(domain.isQuiescent)
        }

        @Test func aCPUThatIsGivenBackIsFencedAgain() async throws {
            let log = FenceLog(), isolation = Isolation([Machine.last])
            let domain = domain(isolation.topology, log)
            try await read(domain, on: Machine.last)
            try await onThread { domain.synchronize() }
            isolation.change(to: [])
            try await onThread { domain.synchronize() }
            #expect(log.take().single == [])
            try await read(domain, on: Machine.last)
            try await onThread { domain.synchronize() }
            #expect(log.take().single == [Machine.last])
            #expect(domain.isQuiescent)
        }

        @Test func manyCPUsAreFencedByOneCall() async throws {
            let log = FenceLog()
            let many = domain(Topology(possible: CPUSet(ids: 0..<16)), log)
            for id in 0..<8 {
                many.counters.mode(of: id).pointee.store(ReadCounters.Mode.plain, ordering: .relaxed)
            }
            try await onThread { many.synchronize() }
            var fenced = log.take()
            #expect(fenced.single == [] && fenced.broadcasts == 1)

            let mixed = domain(Topology(possible: CPUSet(ids: 0..<16), isolated: [15]), log)
            for id in 0..<8 {
                mixed.counters.mode(of: id).pointee.store(ReadCounters.Mode.plain, ordering: .relaxed)
            }
            try await onThread { mixed.synchronize() }
            fenced = log.take()
            #expect(fenced.single == (0..<8).map { CPU($0) } && fenced.broadcasts == 0)
        }
    }
}
