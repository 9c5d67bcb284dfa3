import ArgumentParser

/// One run of the command, from its arguments to its exit code: 0, 1 (a check failed) or 2 (bad usage).
enum CommandLineRun {
    static let badUsage: Int32 = 2

    static func exitCode(for arguments: [String]) -> Int32 {
        do {
            var command = try RootCommand.parseAsRoot(arguments)
            try command.run()
            return ExitCode.success.rawValue
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        if RootCommand.exitCode(for: error) == .success {
            StandardOutput.write(RootCommand.fullMessage(for: error) + "\n")
            return ExitCode.success.rawValue
        }
        StandardError.write("qpw: " + singleLine(RootCommand.message(for: error)) + "\n")
        return RootCommand.exitCode(for: error) == .validationFailure ? badUsage : ExitCode.failure.rawValue
    }

    private static func singleLine(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline).map(String.init).joined(separator: " ")
    }
}
