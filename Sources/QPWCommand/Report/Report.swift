/// All that a report says: its page shows it, and has it as JSON in it.
struct Report: Encodable {
    static let schema = "qpw.report/1"

    var date: String
    var extent: ReportRun.Extent
    var seconds: Double
    var system: SystemReport
    var latency: [WorkloadLatency]
    var bench: BenchReport
    var proposal: ProposalComparison
    var peers: PeerFigures?
    var caches: CacheFigures?
    var notes: [String]

    /// What a terminal shows of it.
    var text: String {
        let conclusions = latency.map { "\($0.report.settings.workload): \($0.report.conclusion)\n\n" }
        let missed = bench.targets.filter { !$0.isMet }.map { "  \($0.name): \(Figures.ratio($0.value))\n" }
        let targets =
            "\(bench.results.count) figures; of \(bench.targets.count) targets missed: \(missed.count)\n"
        return conclusions.joined() + targets + missed.joined() + notes.map { "Note: \($0)\n" }.joined()
    }
}

/// One workload's run: its figures, the curves of its distributions, and one second of it as it happened.
struct WorkloadLatency: Encodable {
    var report: LatencyReport
    var gaps: [PercentileCurve]
    var drains: [PercentileCurve]
    var second: [TurnTimeline]

    init(_ outcome: LatencyRun.Outcome) {
        report = LatencyReport(outcome)
        gaps = zip(outcome.contenders, outcome.owner.samples).map {
            PercentileCurve(policy: $0.label, $1.gaps)
        }
        drains = zip(outcome.contenders, outcome.housekeeper.samples).filter { $0.0.kind == .drained }.map {
            PercentileCurve(policy: $0.label, $1.latencies)
        }
        second = TurnTimeline.oneRound(of: outcome)
    }
}

/// A distribution as a plot needs it.
struct PercentileCurve: Encodable {
    struct Point: Encodable, Equatable {
        var percentile: Double
        var nanoseconds: UInt64
    }

    var policy: String
    var count: UInt64
    var p50ns: UInt64
    var p99ns: UInt64
    var p999ns: UInt64
    var maxns: UInt64
    var points: [Point]

    private static let stepsPerNine = 8.0

    /// Ever closer to 100, as far as the number of samples means anything; the greatest comes last.
    init(policy: String, _ distribution: Distribution) {
        self.policy = policy
        count = distribution.count
        p50ns = distribution.percentile(50)
        p99ns = distribution.percentile(99)
        p999ns = distribution.percentile(99.9)
        maxns = distribution.greatest
        guard count > 0 else {
            points = []
            return
        }
        let steps = Int((PercentileScale.nines(of: count) * Self.stepsPerNine).rounded(.down))
        points = (0...steps).map { step in
            let percentile = PercentileScale.percentile(nines: Double(step) / Self.stepsPerNine)
            return Point(percentile: percentile, nanoseconds: distribution.percentile(percentile))
        }
        points.append(Point(percentile: 100, nanoseconds: maxns))
    }
}

/// A turn of one policy as it happened; times count from its beginning.
struct TurnTimeline: Encodable {
    struct Mark: Encodable, Equatable {
        var at: UInt64
        var nanoseconds: UInt64
    }

    var policy: String
    var nanoseconds: UInt64
    var gaps: [Mark]
    var drains: [Mark]

    /// Of the round in the middle of the run, by when every thread has warmed up.
    static func oneRound(of outcome: LatencyRun.Outcome) -> [TurnTimeline] {
        zip(outcome.contenders, zip(outcome.owner.samples, outcome.housekeeper.samples)).compactMap {
            contender, samples in
            let (owner, drains) = samples
            guard !owner.turns.isEmpty else { return nil }
            let turn = owner.turns[owner.turns.count / 2]
            return TurnTimeline(contender.label, turn, owner.gapLog, drains.log, .calibrated)
        }
    }

    init(_ policy: String, _ turn: Span, _ gaps: SpanLog, _ drains: SpanLog, _ clock: CycleClock) {
        self.policy = policy
        nanoseconds = clock.nanoseconds(CycleClock.elapsed(from: turn.begin, to: turn.end))
        self.gaps = Self.marks(gaps, within: turn, clock)
        self.drains = Self.marks(drains, within: turn, clock)
    }

    private static func marks(_ log: SpanLog, within turn: Span, _ clock: CycleClock) -> [Mark] {
        log.spans.filter { turn.begin <= $0.begin && $0.begin < turn.end }.map { span in
            Mark(
                at: clock.nanoseconds(span.begin - turn.begin),
                nanoseconds: clock.nanoseconds(CycleClock.elapsed(from: span.begin, to: span.end)))
        }
    }

    var longestGap: UInt64 { gaps.map(\.nanoseconds).max() ?? 0 }
    var timeInGaps: UInt64 { gaps.reduce(0) { $0 + $1.nanoseconds } }
}
