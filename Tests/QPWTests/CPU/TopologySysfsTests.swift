import Foundation
import QPW
import Testing

@Suite struct TopologySysfsTests {
    @Test func reads128CPUsIn8Nodes() throws {
        var files = ["cpu/possible": "0-127\n", "cpu/online": "0-127\n", "cpu/isolated": "\n"]
        for node in 0..<8 {
            // As two-socket machines number them: threads of a core are 64 apart.
            files["node/node\(node)/cpulist"] =
                "\(node * 8)-\(node * 8 + 7),\(64 + node * 8)-\(71 + node * 8)\n"
        }
        files["node/possible"] = "0-7\n"
        let topology = try FakeSysfs(files).topology()
        #expect(topology.possible == CPUSet(ids: 0..<128))
        #expect(topology.slotCount == 128)
        #expect(topology.nodes.map(\.id) == Array(0..<8))
        #expect(topology.nodes.allSatisfy { $0.cpus.count == 16 })
        for id in 0..<128 { #expect(topology.node(of: CPU(id)) == id % 64 / 8) }
        #expect(topology.notes.isEmpty)
    }

    @Test func readsSparseIDsAndOfflineCPUs() throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-1,5,9,64,200\n", "cpu/online": "0,5,64\n",
            "node/node0/cpulist": "0,5\n", "node/node3/cpulist": "64\n",
        ])
        let topology = try sysfs.topology()
        #expect(topology.possible == [0, 1, 5, 9, 64, 200])
        #expect(topology.online == [0, 5, 64])
        #expect(topology.slotCount == 201)
        #expect(topology.nodes.map(\.id) == [0, 3])
        #expect(topology.node(of: 5) == 0)
        #expect(topology.node(of: 64) == 3)
        #expect(topology.node(of: 200) == nil)
        #expect(topology.node(of: 201) == nil)
        #expect(topology.node(of: 65_535) == nil)
    }

    @Test func findsTheNodeOfAnOfflineCPUByItsLink() throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-3", "cpu/online": "0-1", "node/node0/cpulist": "0",
            "node/node1/cpulist": "1", "node/node0/cpu2": "", "node/node1/cpu3": "",
            "node/node1/cpumap": "2",
        ])
        let topology = try sysfs.topology()
        #expect(topology.nodes.map(\.cpus) == [[0, 2], [1, 3]])
        #expect(topology.node(of: 3) == 1)
    }

    @Test func sortsNodesByNumberAndKeepsOnesWithMemoryAlone() throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-3", "cpu/online": "0-3", "node/node10/cpulist": "2-3\n",
            "node/node2/cpulist": "\n", "node/node0/cpulist": "0-1\n", "node/has_cpu": "0,10\n",
        ])
        let topology = try sysfs.topology()
        #expect(topology.nodes.map(\.id) == [0, 2, 10])
        #expect(topology.nodes.map(\.cpus) == [[0, 1], [], [2, 3]])
    }

    @Test func givesACPUOfTwoNodesToTheLower() throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-2", "cpu/online": "0-2", "node/node0/cpulist": "0-1",
            "node/node1/cpulist": "1-2",
        ])
        let topology = try sysfs.topology()
        #expect(topology.nodes.map(\.cpus) == [[0, 1], [2]])
        #expect(topology.node(of: 1) == 0)
    }

    @Test func assumesOneNodeWhereThereIsNone() throws {
        let sysfs = try FakeSysfs(["cpu/possible": "0-3", "cpu/online": "0-1"])
        for attempt in ["no directory", "no node in it"] {
            let topology = try sysfs.topology()
            #expect(topology.nodes.map(\.id) == [0], "\(attempt)")
            #expect(topology.nodes[0].cpus == topology.possible, "\(attempt)")
            #expect(topology.notes.count == 1 && topology.notes[0].contains(sysfs.root), "\(attempt)")
            try sysfs.write("0\n", to: "node/online")
        }
    }

    @Test func readsQuietCPUs() throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-7", "cpu/online": "0-7", "cpu/isolated": "2-3\n", "cpu/nohz_full": "3-4\n",
        ])
        let topology = try sysfs.topology()
        #expect(topology.isolated == [2, 3])
        #expect(topology.nohzFull == [3, 4])
        #expect(topology.quiet == [2, 3, 4])
        #expect(topology.possible.filter(topology.isQuiet) == [2, 3, 4])
    }

    @Test func countsIsolatedPartitions() throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-7", "cpu/online": "0-7", "cpu/isolated": "2\n",
            FakeSysfs.partitions: "2-3,9\n", "cpu/nohz_full": "3-4\n",
        ])
        let topology = try sysfs.topology()
        #expect(topology.isolated == [2, 3])
        #expect(topology.quiet == [2, 3, 4])
        #expect(topology.possible.filter(topology.isQuiet) == [2, 3, 4])
    }

    /// As in a container, or with the controllers of cgroup v1.
    @Test func takesUnreadablePartitionsAsNone() throws {
        let sysfs = try FakeSysfs(["cpu/possible": "0-1", "cpu/online": "0-1", "cpu/isolated": "1"])
        #expect(try sysfs.topology().isolated == [1])
        try sysfs.write("", to: FakeSysfs.partitions + "/a directory")
        #expect(try sysfs.topology().isolated == [1])
    }

    @Test(arguments: ["(null)\n", "       (null)\n", "\n", ""])
    func readsAnAbsentNohzFullMask(text: String) throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-1", "cpu/online": "0-1", "cpu/nohz_full": text,
        ])
        #expect(try sysfs.topology().nohzFull == [])
    }

    @Test func takesMissingQuietFilesAsEmpty() throws {
        let topology = try FakeSysfs(["cpu/possible": "0-1", "cpu/online": "0-1"]).topology()
        #expect(topology.isolated == [])
        #expect(topology.nohzFull == [])
        #expect(!topology.isQuiet(0))
    }

    @Test func readsAFileOfManyPages() throws {
        let even = CPUSet(stride(from: 0, to: 20_000, by: 2).map { CPU($0) })
        let sysfs = try FakeSysfs(["cpu/possible": even.description, "cpu/online": "0"])
        #expect(try sysfs.topology().possible == even)
    }

    @Test func leavesOutWhatIsNotPossible() throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-1", "cpu/online": "0-5", "cpu/isolated": "1-9", "cpu/nohz_full": "7",
            "node/node0/cpulist": "0-5",
        ])
        let topology = try sysfs.topology(allowed: [1, 2])
        #expect(topology.online == [0, 1])
        #expect(topology.allowed == [1])
        #expect(topology.quiet == [1])
        #expect(topology.nodes[0].cpus == [0, 1])
    }

    @Test(arguments: ["cpu/possible", "cpu/online"])
    func refusesATreeWithoutAFileThatHasToBeThere(name: String) throws {
        let sysfs = try FakeSysfs(["cpu/possible": "0-1", "cpu/online": "0-1"])
        try sysfs.remove(name)
        #expect(throws: TopologyError.unreadable(file: sysfs.path(name), code: ENOENT)) {
            try sysfs.topology()
        }
    }

    @Test(
        arguments: [
            "cpu/possible", "cpu/online", "cpu/isolated", FakeSysfs.partitions, "cpu/nohz_full",
            "node/node0/cpulist",
        ])
    func refusesGarbage(name: String) throws {
        let sysfs = try FakeSysfs([
            "cpu/possible": "0-1", "cpu/online": "0-1", "cpu/isolated": "", "cpu/nohz_full": "",
            "node/node0/cpulist": "0-1",
        ])
        try sysfs.write("0-1,zwei\n", to: name)
        #expect(throws: TopologyError.malformed(file: sysfs.path(name), .malformed("zwei"))) {
            try sysfs.topology()
        }
    }

    @Test func refusesNoCPUAtAll() throws {
        let sysfs = try FakeSysfs(["cpu/possible": "\n", "cpu/online": "0"])
        #expect(throws: TopologyError.empty(file: sysfs.path("cpu/possible"))) { try sysfs.topology() }
    }

    @Test func refusesADirectoryInPlaceOfAFile() throws {
        let sysfs = try FakeSysfs(["cpu/possible": "0", "cpu/online/file": "0"])
        #expect(throws: TopologyError.unreadable(file: sysfs.path("cpu/online"), code: EISDIR)) {
            try sysfs.topology()
        }
    }

    @Test(
        arguments: [
            (
                .unreadable(file: "/s/possible", code: ENOENT),
                "/s/possible: No such file or directory; mount sysfs there or name another root"
            ),
            (
                .malformed(file: "/s/online", .reversed("3-0")),
                "/s/online: \"3-0\" is a reversed range; write the lower CPU id first; "
                    + "make it a CPU list or name another root"
            ),
            (
                .empty(file: "/s/possible"),
                "/s/possible: no CPU is listed; write at least one, as in 0-3, or name another root"
            ),
        ] as [(TopologyError, String)])
    func errorsNameTheFile(error: TopologyError, line: String) {
        #expect(error.description == line)
    }
}
