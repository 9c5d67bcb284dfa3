import QPW

/// What a run found, as `--json` prints it and as the summary says it.
struct TortureReport: Encodable {
    struct Settings: Encodable {
        var seed: UInt64
        var seconds: Double
        var threads: Int
        var cpus: [Int]
        var busted: String?
        /// Whether the build has points inside the protocols at which threads are disturbed.
        var injection: Bool
    }

    struct Result: Encodable {
        var suite: String
        var policy: String?
        var inForce: String?
        var turns: Int
        var seconds: Double
        var steps: Int
        var signals: Int
        var unplugged: Int
    }

    enum Verdict: String, Encodable {
        /// Nothing was found.
        case clean
        /// Something was.
        case failed
        /// The defect that was asked for was.
        case caught
        /// It was not.
        case missed
    }

    var settings: Settings
    var results: [Result]
    var verdict: Verdict
    var failure: TortureFailure?
    var notes: [String]
    var interrupted: Bool
}

extension TortureReport {
    init(_ outcome: TortureRun.Outcome) {
        settings = Settings(outcome.settings)
        results = outcome.results.filter { $0.turns > 0 }.map { Result($0) }
        failure = outcome.failure
        verdict =
            switch (outcome.failure, outcome.settings.defect) {
            case (nil, nil): .clean
            case (nil, _): .missed
            case (_, nil): .failed
            case (_, _): .caught
            }
        notes = outcome.notes
        interrupted = outcome.wasInterrupted
    }
}

extension TortureReport.Settings {
    fileprivate init(_ settings: TortureSettings) {
        seed = settings.seed
        seconds = Figures.rounded(settings.duration / .seconds(1))
        threads = settings.threads
        cpus = settings.cpus.map(\.id)
        busted = settings.defect?.rawValue
        injection = Injector.isCompiledIn
    }
}

extension TortureReport.Result {
    fileprivate init(_ result: TortureRun.Result) {
        suite = result.turn.suite.name
        policy = result.inForce == nil ? nil : result.turn.policy.name
        inForce = result.inForce.map { "\($0)" }
        turns = result.turns
        seconds = Figures.rounded(CycleClock.calibrated.seconds(result.cycles))
        steps = result.steps
        signals = result.signals
        unplugged = result.unplugged
    }
}
