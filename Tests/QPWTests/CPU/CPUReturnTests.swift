import Testing

@testable import QPW

@Suite struct CPUReturnTests {
    private static let hierarchy = "sys/fs/cgroup/cpuset"
    private static let mount = "34 31 0:31 / /\(hierarchy) rw,relatime - cgroup cgroup rw,cpuset"

    /// What is said of a process in the cpuset `own` of version 1, and of the cpusets that are there.
    private static func obstacle(
        own: String, mount: String = mount,
        files: [String] = ["cpuset.memory_pressure_enabled", "cpuset.cpus"]
    ) throws -> String? {
        let tree = try FakeTree([
            "proc/self/cgroup": "5:devices:/x\n3:cpu,cpuset:\(own)\n0::/x:y\n",
            "proc/self/mountinfo": "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\(mount)\n",
        ])
        for file in files { try tree.write("", to: "\(hierarchy)/\(file)") }
        return CPUReturn.obstacle(root: tree.root)
    }

    @Test func comesBackWhereCpusetsAreOfVersion2() throws {
        let tree = try FakeTree(["proc/self/cgroup": "0::/user.slice\n"])
        #expect(CPUReturn.obstacle(root: tree.root) == nil)
    }

    @Test func comesBackWhereThereAreNoCgroups() throws {
        #expect(CPUReturn.obstacle(root: try FakeTree().root) == nil)
    }

    @Test func comesBackToTheOnlyCpusetOfVersion1() throws {
        #expect(try Self.obstacle(own: "/") == nil)
    }

    @Test func isLostToACpusetOfVersion1() throws {
        #expect(
            try Self.obstacle(own: "/jobs:1")
                == "the cpuset /jobs:1, of cgroup v1, would lose the CPU for good")
    }

    @Test func isLostToSomebodyElsesCpuset() throws {
        let files = ["cpuset.memory_pressure_enabled", "cpuset.cpus", "others/cpuset.cpus"]
        #expect(
            try Self.obstacle(own: "/", files: files)
                == "the cpuset /others, of cgroup v1, would lose the CPU for good")
    }

    @Test(arguments: [
        (mount.replacing(" / ", with: " /docker/1 "), ["cpuset.memory_pressure_enabled"]),
        (mount, ["cpuset.cpus"]), ("", []),
    ])
    func whoCannotSeeTheRootIsNotSure(mount: String, files: [String]) throws {
        let reason = try #require(try Self.obstacle(own: "/", mount: mount, files: files))
        #expect(reason.hasPrefix("this container doesn't see"))
    }
}
