#if os(Linux) && !QPW_PORTABLE
import ArgumentParser
import Foundation
import QPW
import Testing

@testable import QPWCommand

private let hasTwoCPUs = Topology.system.allowed.count > 1
private let isRoot = geteuid() == 0
private let canTrace = isRoot && (try? Tracefs()) != nil

@Suite("qpw latency --kernel", .serialized)
struct KernelRunTests {
    private func run(_ arguments: String...) throws -> KernelRun.Outcome {
        try KernelRun(LatencyCommand.parse(["--kernel"] + arguments).kernelSettings(on: .system)).measure()
    }

    private func instances() throws -> [String] {
        let tracefs = try Tracefs()
        return try FileManager.default.contentsOfDirectory(atPath: tracefs.path + "/instances")
            .filter { $0.hasPrefix("qpw-") }
    }

    @Test(
        "Both kinds of owner have a result for each call, and no trace instance stays behind",
        .enabled(if: hasTwoCPUs && canTrace, "skipped: needs root, tracefs and two CPUs"))
    func document() throws {
        let outcome = try run("--duration", "1s", "--policy", "lock", "--policy", "fence")
        let document = try parsed(
            JSONDocument(schema: "qpw.latency.kernel/1", body: KernelReport(outcome)).text(),
            schema: "qpw.latency.kernel/1")
        let phases = try document.objects("phases")
        #expect(try phases.first?.text("owner") == "ordinary")
        for phase in phases {
            let results = try phase.objects("results")
            let names = try results.map { try $0.text("name") }
            #expect(names.contains("move_pages(2)"))
            #expect(names.suffix(3) == ["PageLRU, lock", "PageLRU, fence", "idle"])
            for result in results { try check(result) }
        }
        #expect(try document.text("conclusion").hasSuffix("."))
        #expect(KernelReport(outcome).text.contains("move_pages(2)"))
        let left = try instances()
        #expect(!left.contains("qpw-\(getpid())"))
    }

    private func check(_ result: JSONObject) throws {
        #expect(try result.number("calls") > 0)
        #expect(try result.number("awayp50ns") <= result.number("awaymaxns"))
        #expect(try result.number("gapp50ns") <= result.number("gapmaxns"))
        #expect(try result.number("waitp50ns") <= result.number("waitmaxns"))
        #expect(try result.number("stalled") <= result.number("calls"))
        for culprit in try result.objects("culprits") {
            #expect(try culprit.number("calls") <= result.number("calls"))
        }
    }

    @Test(
        "Who is not root is told what is missing, and exits with 2",
        .enabled(if: hasTwoCPUs && !isRoot, "skipped: root may do it"))
    func notRoot() {
        #expect(CommandLineRun.exitCode(for: ["latency", "--kernel"]) == CommandLineRun.badUsage)
    }

    @Test(
        "Bad usage exits with 2",
        arguments: [
            ["latency", "--trigger", "collapse"],
            ["latency", "--kernel", "--trigger", "hope"],
            ["latency", "--kernel", "--fifo", "100"],
        ])
    func badUsage(arguments: [String]) {
        #expect(CommandLineRun.exitCode(for: arguments) == CommandLineRun.badUsage)
    }
}

@Suite("A trace instance")
struct TraceInstanceTests {
    /// What looks like tracefs, but is an ordinary folder: nothing in it can be switched on.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: folder + "/instances", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("Where there is no tracefs the error names the path")
    func absent() {
        let error = #expect(throws: SystemFile.Failure.self) {
            _ = try TraceInstance(in: "/nowhere", of: 0)
        }
        #expect(error?.description.hasPrefix("/nowhere/instances/qpw-") == true)
    }

    @Test("One that cannot be set up is removed again")
    func incomplete() throws {
        try withFolder { folder in
            let error = #expect(throws: SystemFile.Failure.self) { _ = try TraceInstance(in: folder, of: 0) }
            #expect(error?.path.hasSuffix("/trace_clock") == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/instances")
            #expect(left.isEmpty)
        }
    }

    @Test("What a process that is gone left behind is removed, and nobody else's")
    func abandoned() throws {
        try withFolder { folder in
            for name in ["qpw-1999999999", "qpw-1", "qpw-mine", "other"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/instances/\(name)", withIntermediateDirectories: false)
            }
            #expect(throws: SystemFile.Failure.self) { _ = try TraceInstance(in: folder, of: 0) }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/instances").sorted()
            #expect(left == ["other", "qpw-1", "qpw-mine"])
        }
    }

    @Test(
        "A CPU's mask is what the kernel reads",
        arguments: [(0, "1"), (1, "2"), (31, "80000000"), (32, "1,00000000"), (70, "40,00000000,00000000")])
    func mask(id: Int, text: String) {
        #expect(TraceInstance.mask(of: CPU(id)) == text)
    }
}
#endif
