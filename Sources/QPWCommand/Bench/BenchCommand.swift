import ArgumentParser
import QPW

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "What each operation costs, against the bare instructions and the usual locks, in one run.",
        discussion: """
            All subjects take turns, round by round. A figure in cycles is the CPU time spent per operation: \
            elapsed cycles times the CPUs in use, over all operations done by all threads.
            """)

    @Argument(help: "The suites to run. Default: all; rcu is a part of objects.")
    var suites: [Suite] = []

    @Option(help: "A policy to measure; repeatable. Default: all.")
    var policy: [PolicyChoice] = []

    @Option(help: "Only subjects whose name contains this.")
    var filter: String?

    @Option(help: "How often each subject has its turn.")
    var rounds: Int?

    @Option(
        help: "Also send so many objects from one CPU to the other, and say what memory that takes.")
    var soak = 0

    @Option(
        help: """
            With pages: only the hit ratio on the requests of this file, beside that of exact LRU. One key a line, or \
            libCacheSim's oracleGeneral.
            """)
    var trace: String?

    @Option(help: "With --trace: how many entries the cache may have.")
    var capacity: Int?

    @Flag(help: "Few and short rounds: for a first look.")
    var quick = false

    @Flag(help: "Exit with 1 if a target is missed.")
    var check = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        if let rounds, !(1...10_000).contains(rounds) {
            throw ValidationError("--rounds \(rounds): 1 to 10000.")
        }
        try validateTrace()
        guard soak >= 0 else { throw ValidationError("--soak \(soak): a number of objects.") }
    }

    private func validateTrace() throws {
        guard trace != nil else {
            if capacity != nil { throw ValidationError("--capacity goes with --trace.") }
            return
        }
        guard suites == [.pages] else { throw ValidationError("--trace goes with the suite pages alone.") }
        guard let capacity else { throw ValidationError("--trace needs --capacity, in entries.") }
        guard 1...Self.mostCapacity ~= capacity else {
            throw ValidationError("--capacity \(capacity): 1 to \(Self.mostCapacity).")
        }
    }

    private static let mostCapacity = 1_000_000_000

    func run() throws {
        if let trace, let capacity { return try show(KeyTrace(contentsOf: trace).report(capacity: capacity)) }
        let settings = settings(on: .system)
        var subjects: [Subject] = []
        for suite in suites.isEmpty ? Suite.byDefault : suites { subjects += suite.subjects(settings) }
        if let filter { subjects.removeAll { !$0.name.contains(filter) } }
        guard !subjects.isEmpty else { throw ValidationError(nothingToMeasure) }
        let results = RoundRobin(subjects, settings).measure() + Soak.results(of: soak, settings)
        let report = BenchReport(results: results, notes: settings.notes(suites))
        try show(report)
    }

    private func show(_ report: BenchReport) throws {
        StandardOutput.write(
            json ? try JSONDocument(schema: "qpw.bench/1", body: report).text() : report.text)
        if check && !report.allTargetsMet { throw ExitCode.failure }
    }

    private var nothingToMeasure: String {
        filter.map { "no subject's name contains '\($0)'." } ?? "work on another CPU needs a second CPU."
    }

    func settings(on topology: Topology) -> BenchSettings {
        BenchSettings(
            place: Place(topology), policies: policy.isEmpty ? PolicyChoice.all : policy.withoutRepetitions,
            rounds: rounds ?? (quick ? 3 : 9),
            round: quick ? .milliseconds(5) : .milliseconds(20))
    }
}

enum Suite: String, CaseIterable, ExpressibleByArgument {
    case lock, counter, work, objects, pages, rcu

    /// Every subject once.
    static let byDefault: [Suite] = [.lock, .counter, .work, .objects, .pages]

    func subjects(_ settings: BenchSettings) -> [Subject] {
        switch self {
        case .lock: LockSuite(settings).subjects
        case .counter: CounterSuite(settings).subjects
        case .work: WorkSuite(settings).subjects
        case .objects: ObjectSuite(settings).subjects
        case .pages: PageSuite(settings).subjects
        case .rcu: RCUSubjects.all(.rcu, settings)
        }
    }
}
