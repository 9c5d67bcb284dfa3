import Foundation

/// A run as it happened, in the Chrome trace-event format, which Perfetto opens: the owner's gaps and the housekeeper's drains,
/// each thread's below the turns of the policies. Times are microseconds since the first turn began.
struct TraceDocument: Encodable {
    /// A complete event (`X`), or metadata (`M`).
    struct Event: Encodable, Equatable {
        var name: String
        var cat: String?
        var ph: String
        var ts: Double?
        var dur: Double?
        var pid = 1
        var tid: Int
        var args: Arguments
    }

    struct Arguments: Encodable, Equatable {
        var name: String?
        var sortIndex: Int?
        var policy: String?
        var round: Int?

        private enum CodingKeys: String, CodingKey {
            case name, policy, round
            case sortIndex = "sort_index"
        }
    }

    struct OtherData: Encodable {
        var workload: String
        var drainsPerSecond: Int
        var lostSpans: Int
        var interrupted: Bool
    }

    var traceEvents: [Event]
    var displayTimeUnit = "ns"
    var otherData: OtherData
}

extension TraceDocument {
    private enum Track: Int, CaseIterable {
        case owner = 1
        case housekeeper
    }

    init(_ outcome: LatencyRun.Outcome) {
        let cpus = outcome.settings.cpus
        traceEvents =
            Self.names(of: .owner, "owner, CPU \(cpus.owner)")
            + Self.names(of: .housekeeper, "housekeeper, CPU \(cpus.housekeeper)")
        traceEvents.append(
            Event(name: "process_name", ph: "M", tid: 0, args: Arguments(name: "qpw latency")))
        let writer = Writer(origin: outcome.origin, clock: .calibrated)
        for (index, contender) in outcome.contenders.enumerated() {
            let owner = outcome.owner.samples[index]
            let drains = outcome.housekeeper.samples[index]
            traceEvents += writer.turns(owner.turns, contender.label, Track.owner.rawValue)
            traceEvents += writer.turns(drains.turns, contender.label, Track.housekeeper.rawValue)
            traceEvents += writer.events("gap", owner.gapLog, contender.label, Track.owner.rawValue)
            traceEvents += writer.events("own slot", owner.touchLog, contender.label, Track.owner.rawValue)
            traceEvents += writer.events("drain", drains.log, contender.label, Track.housekeeper.rawValue)
        }
        otherData = OtherData(
            workload: outcome.settings.workload.rawValue, drainsPerSecond: outcome.settings.rate,
            lostSpans: outcome.lostSpans, interrupted: outcome.wasInterrupted)
    }

    private static func names(of track: Track, _ name: String) -> [Event] {
        [
            Event(name: "thread_name", ph: "M", tid: track.rawValue, args: Arguments(name: name)),
            Event(
                name: "thread_sort_index", ph: "M", tid: track.rawValue,
                args: Arguments(sortIndex: track.rawValue)),
        ]
    }

    func text() throws -> String { try JSONDocument(schema: "qpw.trace/1", body: self).compactText() }
}

/// Makes events of spans.
private struct Writer {
    let origin: UInt64
    let clock: CycleClock

    /// In the rounds' order: a contender has one turn in each.
    func turns(_ spans: [Span], _ policy: String, _ track: Int) -> [TraceDocument.Event] {
        spans.enumerated().map { round, span in
            event(policy, "turn", span, track, .init(policy: policy, round: round))
        }
    }

    func events(_ name: String, _ log: SpanLog, _ policy: String, _ track: Int) -> [TraceDocument.Event] {
        log.spans.map { event(name, name, $0, track, .init(policy: policy)) }
    }

    private func event(
        _ name: String, _ category: String, _ span: Span, _ track: Int, _ arguments: TraceDocument.Arguments
    ) -> TraceDocument.Event {
        let begin = nanoseconds(span.begin), end = nanoseconds(span.end)
        return .init(
            name: name, cat: category, ph: "X", ts: Double(begin) / 1000, dur: Double(end - begin) / 1000,
            tid: track, args: arguments)
    }

    /// Both ends are rounded alike, so that what lies within a turn does so in the document, too.
    private func nanoseconds(_ time: UInt64) -> UInt64 {
        clock.nanoseconds(CycleClock.elapsed(from: origin, to: time))
    }
}

extension LatencyRun.Outcome {
    fileprivate var origin: UInt64 {
        let turns = owner.samples.flatMap(\.turns) + housekeeper.samples.flatMap(\.turns)
        return turns.map(\.begin).min() ?? 0
    }

    var lostSpans: Int {
        owner.samples.reduce(0) { $0 + $1.gapLog.lost + $1.touchLog.lost }
            + housekeeper.samples.reduce(0) { $0 + $1.log.lost }
    }
}
