import CQPW
import Foundation
import Testing

@testable import QPW

@Suite struct TopologySystemTests {
    @Test func hasWhatEveryMachineHas() {
        let topology = Topology.system
        #expect(!topology.possible.isEmpty)
        #expect(topology.slotCount == topology.possible.last!.id + 1)
        #expect(!topology.online.isEmpty)
        #expect(topology.online.isSubset(of: topology.possible))
        #expect(!topology.allowed.isEmpty)
        #expect(topology.allowed.isSubset(of: topology.possible))
        #expect(!topology.housekeeping.isEmpty)
        #expect(topology.housekeeping.isSubset(of: topology.allowed))
        #expect(!topology.nodes.isEmpty)
        for node in topology.nodes {
            for cpu in node.cpus { #expect(topology.node(of: cpu) == node.id) }
        }
    }

    #if os(Linux) && !QPW_PORTABLE
    private static let hasSysfs =
        FileManager.default.fileExists(atPath: "/sys/devices/system/cpu/possible")

    @Test(.enabled(if: hasSysfs))
    func agreesWithSysfs() throws {
        func file(_ name: String) throws -> CPUSet {
            let text = try String(contentsOfFile: "/sys/devices/system/\(name)", encoding: .utf8)
            return try CPUSet(kernelList: text)
        }
        let topology = Topology.system
        #expect(topology.possible == (try file("cpu/possible")))
        #expect(topology.online == (try file("cpu/online")))
        #expect(topology.isolated == (try file("cpu/isolated")))
        for node in topology.nodes where topology.notes.isEmpty {
            #expect(try file("node/node\(node.id)/cpulist").isSubset(of: node.cpus))
        }
    }

    @Test func agreesWithProcAboutTheAffinity() throws {
        let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
        let label = "Cpus_allowed_list:"
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(label) })
        let allowed = try CPUSet(kernelList: String(line.dropFirst(label.count)))
        #expect(CPUSet.affinityOfCallingThread() == allowed.intersection(Topology.system.online))
    }

    @Test func noticesTheAffinityOfAThreadAtTheNextUse() async {
        let before = Topology.system.allowed
        let only: CPUSet = [before.last!]
        // In a thread of its own: the affinity of a pool's thread would outlive the test.
        let (narrowed, restored) = await withCheckedContinuation { continuation in
            Thread {
                #expect(qpw_affinity_set(only.words, only.words.count) == 0)
                let narrowed = Topology.system.allowed
                #expect(qpw_affinity_set(before.words, before.words.count) == 0)
                continuation.resume(returning: (narrowed, Topology.system.allowed))
            }.start()
        }
        #expect(narrowed == only)
        #expect(restored == before)
    }
    #endif

    @Test func assumesTheConfiguredCPUsWithoutSysfs() throws {
        let topology = Topology.detected(sysfsRoot: "/nonexistent")
        #expect(topology.possible == CPUSet(ids: 0..<topology.slotCount))
        #expect(topology.possible.count >= ProcessInfo.processInfo.activeProcessorCount)
        #expect(topology.online == topology.possible)
        #expect(topology.allowed == CPUSet.affinityOfCallingThread() ?? topology.possible)
        #expect(topology.quiet == [])
        #expect(topology.nodes.map(\.cpus) == [topology.possible])
        #expect(topology.notes.count == 1)
        #expect(topology.notes[0].hasPrefix("/nonexistent/devices/system/cpu/possible: No such file"))
    }
}
