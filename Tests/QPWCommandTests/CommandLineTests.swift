import Testing

@testable import QPWCommand

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "Bad usage exits with 2",
        arguments: [
            ["latency", "--rate", "0"],
            ["latency", "--fifo", "100"],
            ["latency", "--load", "-1"],
            ["latency", "--duration", "1ms"],
            ["latency", "--duration", "soon"],
            ["latency", "--stall", "0"],
            ["latency", "--hold", "3s"],
            ["latency", "--policy", "polite"],
            ["latency", "--workload", "tea"],
            ["latency", "--workload", "objects", "--hold", "1ms"],
            ["latency", "--cpu", "70000"],
            ["latency", "--cpu", "0", "--housekeeper", "0"],
            ["latency", "--hgrm", "/proc/nowhere", "--duration", "100ms"],
            ["latency", "--trace", "/proc/nowhere/trace.json", "--duration", "3600s"],
            ["latency", "--trace", "/dev/null", "--duration", "3600s"],
            ["latency", "--trace", "/", "--duration", "3600s"],
            ["latency", "--trace", "trace.json", "--kernel"],
            ["bench", "nothing"],
            ["bench", "lock", "--filter", "no such subject"],
            ["bench", "--rounds", "0"],
            ["bench", "--soak", "-1"],
            ["bench", "pages", "--trace", "/proc/nowhere", "--capacity", "10"],
            ["bench", "pages", "--trace", "/dev/null", "--capacity", "10"],
            ["bench", "pages", "--trace", "/", "--capacity", "10"],
            ["bench", "pages", "--trace", "trace"],
            ["bench", "pages", "--trace", "trace", "--capacity", "0"],
            ["bench", "lock", "--trace", "trace", "--capacity", "10"],
            ["bench", "pages", "--capacity", "10"],
            ["info", "--unknown"],
            ["no-such-command"],
        ])
    func badUsage(arguments: [String]) {
        #expect(CommandLineRun.exitCode(for: arguments) == CommandLineRun.badUsage)
    }

    @Test("Help is no error", arguments: [["--help"], ["latency", "--help"], ["help", "bench"]])
    func help(arguments: [String]) {
        #expect(CommandLineRun.exitCode(for: arguments) == 0)
    }

    @Test("info succeeds, as text and as a document", arguments: [["info"], ["info", "--json"]])
    func info(arguments: [String]) {
        #expect(CommandLineRun.exitCode(for: arguments) == 0)
    }
}
