import Foundation

/// Runs the test-only executable QPWProbe, which lies beside the tests.
enum Probe {
    struct Run {
        var status: Int32
        var output: String
        var errors: String
    }

    static let path: String = {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? tests.path
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("QPWProbe").path
    }()

    /// The calling process's environment without what would choose a policy, and with `environment`.
    static func run(
        _ arguments: String..., environment: [String: String] = [:], under tool: [String] = []
    ) throws -> Run {
        let process = Process()
        let command = tool + [path] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        var variables = ProcessInfo.processInfo.environment
        variables["QPW"] = nil
        // A backtracer outlives the child that crashed, and keeps the pipes open.
        variables["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = variables.merging(environment) { $1 }
        let output = Pipe(), errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus,
            output: String(decoding: said, as: UTF8.self), errors: String(decoding: complained, as: UTF8.self)
        )
    }
}
