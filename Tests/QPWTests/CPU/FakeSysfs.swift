import Foundation
import QPW

/// A sysfs tree in a temporary directory, which goes when this does.
final class FakeSysfs: Sendable {
    private let tree: FakeTree

    var root: String { tree.root }

    init(_ files: [String: String] = [:]) throws {
        tree = try FakeTree()
        for (name, text) in files { try write(text, to: name) }
    }

    /// Where isolated cpuset partitions are shown.
    static let partitions = "fs/cgroup/cpuset.cpus.isolated"

    func path(_ name: String) -> String { tree.path(Self.place(of: name)) }

    func write(_ text: String, to name: String) throws { try tree.write(text, to: Self.place(of: name)) }

    private static func place(of name: String) -> String {
        name.hasPrefix("fs/") ? name : "devices/system/\(name)"
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path(name))
    }

    func topology(allowed: CPUSet = []) throws -> Topology {
        try Topology(sysfsRoot: root) { allowed }
    }
}
