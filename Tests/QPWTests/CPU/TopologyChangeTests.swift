import Synchronization
import Testing

@testable import QPW

@Suite struct TopologyChangeTests {
    private static func sysfs() throws -> FakeSysfs {
        try FakeSysfs([
            "cpu/possible": "0-7", "cpu/online": "0-7", "cpu/isolated": "6", "cpu/nohz_full": "7",
        ])
    }

    @Test func noticesHotplugAtTheNextUse() throws {
        let sysfs = try Self.sysfs()
        let topology = try sysfs.topology()
        #expect(topology.online == CPUSet(ids: 0..<8))
        try sysfs.write("0-2,6\n", to: "cpu/online")
        #expect(topology.online == [0, 1, 2, 6])
        #expect(topology.allowed == [0, 1, 2, 6])
        #expect(topology.housekeeping == [0, 1, 2])
        try sysfs.write("0-7\n", to: "cpu/online")
        #expect(topology.housekeeping == CPUSet(ids: 0..<6))
    }

    @Test func noticesNewQuietCPUsAtTheNextUse() throws {
        let sysfs = try Self.sysfs()
        let topology = try sysfs.topology()
        #expect(topology.quiet == [6, 7])
        try sysfs.write("0-1\n", to: "cpu/isolated")
        try sysfs.write("(null)\n", to: "cpu/nohz_full")
        #expect(topology.quiet == [0, 1])
        #expect(topology.isQuiet(0))
        #expect(!topology.isQuiet(6))
    }

    @Test func noticesIsolatedPartitionsAtTheNextUse() throws {
        let sysfs = try Self.sysfs()
        let topology = try sysfs.topology()
        #expect(topology.isolated == [6])
        try sysfs.write("2-3,6\n", to: FakeSysfs.partitions)
        #expect(topology.isolated == [2, 3, 6])
        #expect(topology.isQuiet(2))
        #expect(topology.housekeeping == [0, 1, 4, 5])
        try sysfs.write("?", to: "cpu/isolated")
        #expect(topology.isolated == [2, 3, 6])
        try sysfs.write("6", to: "cpu/isolated")
        try sysfs.write("?", to: FakeSysfs.partitions)
        #expect(topology.isolated == [6])
        try sysfs.write("\n", to: FakeSysfs.partitions)
        #expect(topology.isolated == [6])
    }

    @Test func noticesAnotherAffinityAtTheNextUse() throws {
        let sysfs = try Self.sysfs()
        let shared = Shared(affinity: [0, 6])
        let topology = try Topology(sysfsRoot: sysfs.root) { shared.affinity.withLock { $0 } }
        #expect(topology.allowed == [0, 6])
        #expect(topology.housekeeping == [0])
        shared.affinity.withLock { $0 = [2, 3] }
        #expect(topology.allowed == [2, 3])
        #expect(topology.housekeeping == [2, 3])
        // Without its tree the topology takes CPU 6 for one that may be disturbed.
        withExtendedLifetime(sysfs) {}
    }

    /// Where housekeeping goes for a program that may run on `program`.
    @Test(
        arguments: [
            (CPUSet(ids: 0..<8), CPUSet(ids: 0..<6)), ([4, 5, 6], [4, 5]),
            // Every CPU that the program may use is quiet: those, and none that it may not use.
            ([6, 7], [6, 7]), ([7], [7]),
        ] as [(CPUSet, CPUSet)])
    func keepsHousekeepingAmongTheProgramsCPUs(program: CPUSet, expected: CPUSet) throws {
        let sysfs = try Self.sysfs()
        #expect(try sysfs.topology().housekeeping(among: program) == expected)
        withExtendedLifetime(sysfs) {}
    }

    @Test func readsThePossibleCPUsAndNodesOnce() throws {
        let sysfs = try Self.sysfs()
        let topology = try sysfs.topology()
        try sysfs.write("0-99\n", to: "cpu/possible")
        try sysfs.write("0\n", to: "node/node5/cpulist")
        #expect(topology.possible == CPUSet(ids: 0..<8))
        #expect(topology.slotCount == 8)
        #expect(topology.nodes.map(\.id) == [0])
    }

    @Test(arguments: ["removed", "garbage"])
    func fallsBackWhenFilesGoBad(how: String) throws {
        let sysfs = try Self.sysfs()
        try sysfs.write("0-3\n", to: "cpu/online")
        let topology = try sysfs.topology()
        #expect(topology.online == CPUSet(ids: 0..<4))
        for name in ["cpu/online", "cpu/isolated", "cpu/nohz_full"] {
            if how == "removed" { try sysfs.remove(name) } else { try sysfs.write("?", to: name) }
        }
        #expect(topology.online == topology.possible)
        #expect(topology.allowed == topology.possible)
        #expect(topology.quiet == [])
        #expect(topology.housekeeping == topology.possible)
    }

    private final class Shared: Sendable {
        let affinity: Guarded<CPUSet>

        init(affinity: CPUSet) {
            self.affinity = Guarded(affinity)
        }
    }
}
