/// One workload: its sentence, its figures, the plots with the figures that they show, and a second of it.
struct LatencySection {
    private let measured: WorkloadLatency
    private let workload: String

    init(_ measured: WorkloadLatency) {
        self.measured = measured
        workload = measured.report.settings.workload
    }

    var id: String { "latency-\(workload)" }

    var title: String {
        switch Workload(rawValue: workload) {
        case .slot: "A slot that is drained"
        case .objects: "An object cache that is flushed"
        case .pages: "LRU lists that are drained"
        case nil: workload
        }
    }

    var markup: Markup {
        """
        <p class="lead">\(measured.report.conclusion)</p>
        <p>The owner spins on CPU \(settings.cpu) and touches its \(what) every \
        \(Figures.time(nanoseconds: Double(settings.touchns))); the housekeeper on CPU \(settings.housekeeper) drains it \
        \(settings.rate) times a second. Policies take turns.</p>
        \(measured.report.notes.markup { "<p class=\"note\">\($0).</p>\n" })\(summary)
        <div class="figures">
        \(gaps)
        \(drains)
        \(second)
        </div>
        """
    }

    private var settings: LatencyReport.Settings { measured.report.settings }

    private var what: String {
        switch Workload(rawValue: workload) {
        case .objects: "cache"
        case .pages: "lists"
        case .slot, nil: "slot"
        }
    }

    private var summary: Markup {
        var table = PageTable(
            caption: "What each policy did to the owner, and what its drains took",
            headings: ["policy", "switches a drain", "own slot, 99 %", "drains", "stalled", "longest hold"])
        for result in measured.report.results {
            let drain = result.drain
            table.rows.append(
                .init(
                    policy: result.policy,
                    [
                        drain.map { Figures.ratio($0.switchesPerDrain) } ?? "–",
                        Figures.time(nanoseconds: result.owner.touchp99ns),
                        drain.map { "\($0.count)" } ?? "–", drain.map { "\($0.stalled)" } ?? "–",
                        drain.map { Figures.time(nanoseconds: $0.longestHoldns) } ?? "–",
                    ]))
        }
        return table.markup
    }

    private var gaps: Markup {
        figure(
            "gaps", "The owner’s gaps", measured.gaps,
            "Gaps of more than 1 µs in the owner’s own time, by percentile. Who has fewer of them has fewer samples, "
                + "and a line that ends earlier.")
    }

    private var drains: Markup {
        figure(
            "drains", "Drains, from when they were due", measured.drains,
            "What the housekeeper waited for a drain, its own delay included, by percentile.")
    }

    private func figure(
        _ name: String, _ title: String, _ curves: [PercentileCurve], _ caption: String
    ) -> Markup {
        let plot = PercentilePlot(id: "\(id)-\(name)", title: "\(title): \(workload)", curves: curves)
        var table = PageTable(
            caption: "\(title), in figures", headings: ["policy", "count", "50 %", "99 %", "99.9 %", "most"])
        for curve in curves {
            let times = [curve.p50ns, curve.p99ns, curve.p999ns, curve.maxns]
            table.rows.append(
                .init(policy: curve.policy, ["\(curve.count)"] + times.map { Figures.time(nanoseconds: $0) }))
        }
        return """
            <figure><figcaption><strong>\(title).</strong> \(caption)</figcaption>
            \(plot.svg)
            \(table.markup)</figure>
            """
    }

    private var second: Markup {
        let title = "One second, turn by turn"
        let plot = TimelinePlot(id: "\(id)-second", title: "\(title): \(workload)", turns: measured.second)
        var table = PageTable(
            caption: "\(title), in figures", headings: ["policy", "drains", "gaps", "longest", "all gaps"])
        for turn in measured.second {
            table.rows.append(
                .init(
                    policy: turn.policy,
                    [
                        "\(turn.drains.count)", "\(turn.gaps.count)",
                        Figures.time(nanoseconds: turn.longestGap),
                        Figures.time(nanoseconds: turn.timeInGaps),
                    ]))
        }
        return """
            <figure class="wide"><figcaption><strong>\(title).</strong> Each line upwards is a gap of the owner’s, as high as it was \
            long; each mark below the line is a drain.</figcaption>
            <div class="figures">
            \(plot.svg)
            \(table.markup)
            </div></figure>
            """
    }
}
