import QPW
import Testing

@Suite struct TopologyFixedTests {
    @Test func defaultsToOneNodeOnlineAndAllowed() {
        let topology = Topology(possible: [0, 1, 9])
        #expect(topology.online == [0, 1, 9])
        #expect(topology.allowed == [0, 1, 9])
        #expect(topology.quiet == [])
        #expect(topology.housekeeping == [0, 1, 9])
        #expect(topology.slotCount == 10)
        #expect(topology.nodes.map(\.id) == [0])
        #expect(topology.node(of: 9) == 0)
        #expect(topology.node(of: 2) == nil)
        #expect(topology.notes.isEmpty)
    }

    @Test func allowsWhatIsOnlineUnlessGiven() {
        let topology = Topology(possible: CPUSet(ids: 0..<8), online: [0, 1])
        #expect(topology.allowed == [0, 1])
        #expect(Topology(possible: [0, 1], allowed: []).allowed == [])
    }

    @Test func keepsTheNodesGiven() {
        let topology = Topology(
            possible: CPUSet(ids: 0..<4),
            nodes: [NUMANode(id: 7, cpus: [2, 3]), NUMANode(id: 1, cpus: [0, 1, 2])])
        #expect(topology.nodes.map(\.id) == [1, 7])
        #expect(topology.nodes.map(\.cpus) == [[0, 1, 2], [3]])
        #expect(topology.node(of: 3) == 7)
    }

    @Test(arguments: [
        // online, allowed, isolated, nohz_full, housekeeping of CPUs 0 to 7
        ("0-7", "0-7", "", "", "0-7"),
        ("0-7", "0-7", "4-7", "", "0-3"),
        ("0-7", "0-7", "4-5", "5-6", "0-3,7"),
        ("0-5", "2-7", "", "", "2-5"),
        ("0-5", "2-7", "2", "3", "4-5"),
        ("0-7", "4-5", "4-7", "", "4-5"),
        ("0-4", "4-5", "4", "5", "4"),
        ("0-7", "0-7", "0-3", "4-7", "0-7"),
        ("0-3", "4-7", "", "", ""),
    ])
    func housekeepingAvoidsQuietCPUsUnlessNoneIsLeft(
        online: String, allowed: String, isolated: String, nohzFull: String, housekeeping: String
    ) throws {
        let topology = Topology(
            possible: CPUSet(ids: 0..<8), online: try CPUSet(kernelList: online),
            allowed: try CPUSet(kernelList: allowed), isolated: try CPUSet(kernelList: isolated),
            nohzFull: try CPUSet(kernelList: nohzFull))
        #expect(topology.housekeeping.description == housekeeping)
    }

    @Test func refusesNoCPU() async {
        await #expect(processExitsWith: .failure) { _ = Topology(possible: []) }
    }

    @Test func refusesTwoNodesWithOneID() async {
        await #expect(processExitsWith: .failure) {
            _ = Topology(possible: [0], nodes: [NUMANode(id: 1, cpus: []), NUMANode(id: 1, cpus: [0])])
        }
    }
}
