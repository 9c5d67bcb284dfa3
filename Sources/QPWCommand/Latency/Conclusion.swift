/// What a person should take away from a run, in one sentence that says only what the figures say.
struct Conclusion {
    private typealias Entry = (policy: String, drain: LatencyReport.Drain)

    private let entries: [Entry]

    init(_ results: [LatencyReport.Result]) {
        entries = results.compactMap { result in
            result.drain.flatMap { $0.count > 0 ? (result.policy, $0) : nil }
        }
    }

    var text: String {
        guard !entries.isEmpty else { return "No drain was done, so there is nothing to compare." }
        return [switches, speed, stalls].compactMap { $0 }.joined(separator: "; ") + "."
    }

    /// The policy that disturbs most comes first.
    private var switches: String {
        let ordered = entries.sorted { $0.drain.switchesPerDrain > $1.drain.switchesPerDrain }
        let most = ordered[0]
        let first =
            "Housekeeping by \(most.policy) takes the owner off its CPU \(perDrain(most)) times a drain"
        let others = ordered.dropFirst().map { "by \($0.policy) \(perDrain($0))" }
        return ([first] + others).joined(separator: ", ")
    }

    private func perDrain(_ entry: Entry) -> String { Figures.ratio(entry.drain.switchesPerDrain) }

    /// Medians: a mean is made by whatever else ran on the machine.
    private var speed: String? {
        guard let quick = entries.min(by: { $0.drain.p50ns < $1.drain.p50ns }),
            let slow = entries.max(by: { $0.drain.p50ns < $1.drain.p50ns })
        else { return nil }
        let time = Figures.time(nanoseconds: quick.drain.p50ns)
        let median = "the median drain by \(quick.policy) takes \(time)"
        guard quick.policy != slow.policy else { return median }
        let factor = Double(slow.drain.p50ns) / Double(max(1, quick.drain.p50ns))
        return median + ", by \(slow.policy) \(Figures.significant(factor)) times as long"
    }

    private var stalls: String? {
        let stalled = entries.filter { $0.drain.stalled > 0 }
        guard !stalled.isEmpty else { return nil }
        let counts = stalled.map { "\($0.drain.stalled) by \($0.policy)" }
        return "drains that stalled: " + counts.joined(separator: ", ")
    }
}
