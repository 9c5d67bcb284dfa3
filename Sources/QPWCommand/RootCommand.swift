import ArgumentParser

struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qpw",
        abstract: "What per-CPU housekeeping costs the CPU's owner, on this machine.",
        subcommands: [
            InfoCommand.self, LatencyCommand.self, BenchCommand.self, ReportCommand.self, TortureCommand.self,
        ])
}
