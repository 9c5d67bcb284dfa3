import ArgumentParser
import QPW
import Testing

@testable import QPWCommand

@Suite("Settings of qpw torture")
struct TortureSettingsTests {
    private let topology = Topology(possible: [0, 1])

    private func settings(_ arguments: String...) throws -> TortureSettings {
        try TortureCommand.parse(arguments).settings(on: topology)
    }

    @Test("By default every suite is run under every policy that is carried out here")
    func defaults() throws {
        let settings = try settings()
        #expect(settings.suites.map(\.name) == TortureSuite.all.map(\.name))
        #expect(settings.policies.allSatisfy(\.isCarriedOut) && !settings.policies.isEmpty)
        #expect(settings.threads >= 6)
        #expect(settings.defect == nil)
    }

    @Test("A suite that no policy concerns has one turn, the others one for each policy")
    func cases() throws {
        let settings = try settings("--policy", "queue", "--policy", "queue")
        #expect(settings.cases.count == TortureSuite.all.count)
        let names = settings.cases.filter { $0.suite.name == "rcu" }
        #expect(names.count == 1)
    }

    @Test("Turns fill the time, and a long run has many")
    func time() throws {
        let short = try settings("--suite", "rcu", "--seconds", "2")
        #expect(short.rounds == 1 && short.bout == .seconds(2))
        let long = try settings("--suite", "rcu", "--seconds", "600")
        #expect(long.rounds == 60 && long.bout == .seconds(10))
    }

    @Test("A suite that is named twice, or once more by all, is run once")
    func repetitions() throws {
        #expect(try settings("--suite", "rcu", "--suite", "rcu").suites.map(\.name) == ["rcu"])
        #expect(try settings("--suite", "all", "--suite", "rcu").suites.count == TortureSuite.all.count)
    }

    @Test("A defect brings its suite, or says what it needs", arguments: Defect.allCases)
    func defect(defect: Defect) throws {
        #expect(TortureCommand.helpMessage().contains(defect.rawValue))
        let command = try TortureCommand.parse(["--busted", defect.rawValue, "--seed", "7"])
        if defect.missing(under: defect.policy) != nil {
            #expect(throws: ValidationError.self) { try command.settings(on: topology) }
            return
        }
        let settings = try command.settings(on: topology)
        #expect(settings.suites.map(\.name) == [defect.suite.name])
        #expect(settings.defect == defect && settings.seed == 7)
    }

    @Test("A defect is not looked for in another suite")
    func wrongSuite() {
        #expect(throws: ValidationError.self) {
            try settings("--busted", "shortGracePeriod", "--suite", "locks")
        }
    }

    @Test(
        "Bad usage exits with 2",
        arguments: [
            ["torture", "--suite", "nothing"], ["torture", "--busted", "nothing"],
            ["torture", "--seconds", "0"], ["torture", "--threads", "1"], ["torture", "--patience", "1ms"],
            ["torture", "--busted", "lostWakeup", "--suite", "rcu"],
        ])
    func badUsage(arguments: [String]) {
        #expect(CommandLineRun.exitCode(for: arguments) == CommandLineRun.badUsage)
    }
}
