import ArgumentParser
import QPW

struct TortureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture",
        abstract: "Random operations under every policy, with invariants that are checked.",
        discussion: """
            Threads of several priorities own, try, drain, queue, flush, read and allocate at random, on books that say \
            when something was lost, done twice or done too early. Meanwhile signals interrupt them, they are moved \
            between CPUs, confined to some, and halted all at once; as root, a CPU is taken offline and put back. A \
            build with QPW_TORTURE=1 in its environment disturbs them inside the protocols, too.

            Exits with 1 as soon as an invariant does not hold, and says what happened last on each CPU. With --busted \
            that is what must happen: exit 0 then means that the defect was not caught.

            Defects: \(Defect.help).
            """)

    @Option(help: "What to torture; repeatable.")
    var suite: [SuiteChoice] = []

    @Option(help: "A policy; repeatable. Default: all that work here.")
    var policy: [PolicyChoice] = []

    @Option(help: "How long, over all suites and policies, which take turns. Default: 30, with a defect 60.")
    var seconds: Double?

    @Option(help: "Threads for each turn. Default: 3 for each CPU, at least 6.")
    var threads: Int?

    @Option(help: "Where the threads' choices begin. Default: another one each time.")
    var seed: UInt64?

    @Option(help: "How long a thread may be at one thing before it is taken to be stuck.")
    var patience = TimeSpan(.seconds(10))

    @Option(help: "Run with this defect, which must be caught.")
    var busted: Defect?

    @Flag(inversion: .prefixedNo, help: "Take a CPU offline and put it back, where that is possible.")
    var hotplug = true

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        if let seconds, !(0.1...864_000).contains(seconds) {
            throw ValidationError("--seconds \(seconds): 0.1 to 864000.")
        }
        if let threads, !(2...256).contains(threads) {
            throw ValidationError("--threads \(threads): 2 to 256.")
        }
        guard patience.duration >= .milliseconds(500) else {
            throw ValidationError("--patience must be at least 500ms: a loaded machine takes its time.")
        }
    }

    func run() throws {
        let outcome = try TortureRun(settings(on: .system)).torture()
        let report = TortureReport(outcome)
        StandardOutput.write(
            json ? try JSONDocument(schema: "qpw.torture/1", body: report).text() : report.text)
        if outcome.failure != nil { throw ExitCode.failure }
        if outcome.wasInterrupted { throw ExitCode(Interruption.exitCode) }
    }

    func settings(on topology: Topology) throws -> TortureSettings {
        let cpus = Array(topology.allowed.intersection(topology.online))
        return TortureSettings(
            suites: try suites(), policies: try policies(), defect: busted,
            duration: .seconds(seconds ?? (busted == nil ? 30 : 60)),
            threads: threads ?? max(6, 3 * cpus.count),
            seed: seed ?? UInt64.random(in: 1...999_999), patience: patience.duration,
            hotplugging: hotplug ? .allowed : .forbidden, cpus: cpus)
    }

    private func suites() throws -> [TortureSuite] {
        let asked = suite.flatMap(\.suites)
        guard let busted else { return asked.isEmpty ? TortureSuite.all : asked.withoutRepetitions }
        guard asked.isEmpty || asked.contains(where: { $0.name == busted.suite.name }) else {
            throw ValidationError(
                "--busted \(busted.rawValue) is a defect of the suite \(busted.suite.name).")
        }
        return [busted.suite]
    }

    private func policies() throws -> [PolicyChoice] {
        guard let busted else {
            return policy.isEmpty ? PolicyChoice.all.filter(\.isCarriedOut) : policy.withoutRepetitions
        }
        let policies = policy.isEmpty ? [busted.policy] : policy.withoutRepetitions
        for policy in policies {
            if let missing = busted.missing(under: policy) { throw ValidationError("\(missing).") }
        }
        return policies
    }
}

extension [TortureSuite] {
    fileprivate var withoutRepetitions: [TortureSuite] {
        var seen: Set<String> = []
        return filter { seen.insert($0.name).inserted }
    }
}
