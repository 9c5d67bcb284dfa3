import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

/// A machine that this one is not.
struct OtherMachine: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let topology: Topology

    private static let here = Machine.isPortable ? [0] : CPUSet(Machine.cpus)

    static let all: [OtherMachine] = [
        OtherMachine(
            testDescription: "128 CPUs",
            topology: Topology(possible: CPUSet(ids: 0..<128).union(here))),
        OtherMachine(
            testDescription: "sparse ids", topology: Topology(possible: here.union([5, 64, 300, 1023]))),
        OtherMachine(
            testDescription: "offline CPUs",
            topology: Topology(possible: CPUSet(ids: 0..<8).union(here), online: here)),
        OtherMachine(
            testDescription: "isolated CPUs",
            topology: Topology(possible: here.union([9]), isolated: [Machine.last], nohzFull: [9])),
    ]
}

extension CPUSet {
    init(_ cpus: [CPU]) {
        self.init()
        for cpu in cpus { insert(cpu) }
    }
}

extension CoreTests {
    @Suite struct InjectedTopologyTests {
        /// A few, so that `.queue` does not start a worker for each of 128 CPUs.
        private static func some(_ cpus: [CPU]) -> [CPU] {
            Array(cpus.prefix(3)) + Array(cpus.suffix(2))
        }

        @Test(arguments: everyPolicy, OtherMachine.all)
        func reachesCPUsThatDoNotExist(policy: QPWPolicy, machine: OtherMachine) async throws {
            let cell = Cell(policy: policy, topology: machine.topology)
            let cpus = Set(Self.some(cell.slots.cpus)).sorted()
            try await onThread(on: Machine.first) {
                for _ in 0..<10 { cell.slots.withLocal { value, _ in value += 1 } }
                for cpu in cpus {
                    cell.slots.perform(on: cpu) { value in
                        value += 100
                        cell.slots.markDirty(cpu)
                    }
                }
                let visited = Guarded<[CPU]>([])
                cell.slots.drain { value, cpu in
                    value += 1000
                    visited.withLock { $0.append(cpu) }
                }
                #expect(visited.withLock { $0.sorted() } == cpus)
            }
            let values = Guarded(0)
            await cell.slots.drain(where: { _ in true }) { value, _ in
                let value = value
                values.withLock { $0 += value }
            }
            #expect(values.withLock { $0 } == 10 + cpus.count * 1100)
        }

        @Test(arguments: everyPolicy)
        func workReachesCPUsThatDoNotExist(policy: QPWPolicy) async throws {
            let topology = OtherMachine.all[1].topology
            let lock = QPWLock(policy: policy, topology: topology)
            let runs = Tally()
            let work = PerCPUWork(lock, cpu: 300) { cpu in
                lock.lock(cpu)
                runs.add()
                lock.unlock(cpu)
            }
            try await onThread(on: Machine.first) {
                #expect(work.queue(on: 300))
                work.flush()
            }
            #expect(runs.count == 1)
        }

        @Test(arguments: everyPolicy.map(\.description))
        func aCPUWithoutASlotTraps(name: String) async {
            let beyond = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [name = name as String] in
                Absent.perform(name, 60_000)
            }
            expectMessage("perform on CPU 60000 of 'sparse', which has no slot for it", in: beyond)
        }

        #if os(Linux) && !QPW_PORTABLE
        @Test(arguments: everyPolicy.map(\.description))
        func aGapInTheIdsTraps(name: String) async {
            let gap = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [name = name as String] in
                Absent.perform(name, 6)
            }
            expectMessage("perform on CPU 6 of 'sparse', which has no slot for it", in: gap)
            expectMessage("Take CPUs from that topology", in: gap)
        }

        @Test(arguments: everyPolicy.map(\.description))
        func aTopologyWithoutTheCurrentCPUTraps(name: String) async {
            for only in [7, 60_000] {
                let lost = await #expect(
                    processExitsWith: .failure, observing: [\.standardErrorContent]
                ) { [name = name as String, only = only as Int] in
                    Cell("elsewhere", policy: policy(named: name), topology: Topology(possible: [CPU(only)]))
                        .slots.withLocal { _, _ in }
                }
                expectMessage("withLocal on CPU", "of 'elsewhere'", "possible CPUs are \(only)", in: lost)
            }
        }
        #endif

        @Test func theMarksOfACPUWithoutASlotTrap() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Absent.dirty(60_000)
            }
            expectMessage("CPU 60000 of 'sparse', which has no slot for it", in: result)
        }

        @Test func workForACPUWithoutASlotTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                Absent.work(60_000)
            }
            expectMessage("PerCPUWork on CPU 60000 of 'sparse'", in: result)
        }
    }
}

/// Synchronous, since the calls are not for async functions.
private enum Absent {
    static let topology = Topology(possible: CPUSet(Machine.cpus).union([5, 64]))

    static func perform(_ name: String, _ id: Int) {
        Cell("sparse", policy: policy(named: name), topology: topology).slots.perform(on: CPU(id)) { _ in }
    }

    static func dirty(_ id: Int) {
        _ = Cell("sparse", policy: .queue, topology: topology).slots.dirty(of: CPU(id))
    }

    static func work(_ id: Int) {
        _ = PerCPUWork(QPWLock("sparse", policy: .queue, topology: topology), cpu: CPU(id)) { _ in }
    }
}
