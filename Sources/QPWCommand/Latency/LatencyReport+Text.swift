extension LatencyReport {
    var text: String {
        """
        Owner busy on CPU \(settings.cpu), housekeeper on CPU \(settings.housekeeper): \
        workload \(settings.workload), \(settings.rate) drains a second, rounds: \(settings.rounds)\(fifo)\(load)

        \(table)
        Gaps are those of more than 1 µs in the owner's own time; its own slot is what a touch took, waiting \
        included.
        Drains count from when they were due.
        \(notes.map { "Note: \($0).\n" }.joined())
        \(conclusion)

        """
    }

    private var fifo: String { settings.fifo.map { ", owner SCHED_FIFO \($0)" } ?? "" }
    private var load: String {
        settings.load == 0 ? "" : ", \(settings.load) busy threads beside the housekeeper"
    }

    private var table: String {
        var table = TextTable(headings: [
            "policy", "switches", "per drain", "worst gap", "p99.9 gap", "own slot p99", "max",
            "| drains", "mean", "p50", "p99", "max", "stalled",
        ])
        for result in results { table.append(ownerCells(result) + drainCells(result.drain)) }
        return table.text
    }

    private func ownerCells(_ result: Result) -> [String] {
        [
            result.policy, "\(result.owner.switches)",
            result.drain.map { Figures.ratio($0.switchesPerDrain) } ?? "-",
            Figures.time(nanoseconds: result.owner.maxns), Figures.time(nanoseconds: result.owner.p999ns),
            Figures.time(nanoseconds: result.owner.touchp99ns),
            Figures.time(nanoseconds: result.owner.touchmaxns),
        ]
    }

    private func drainCells(_ drain: Drain?) -> [String] {
        guard let drain else { return ["| -"] + Array(repeating: "-", count: 5) }
        return [
            "| \(drain.count)", Figures.time(nanoseconds: drain.meanns),
            Figures.time(nanoseconds: drain.p50ns), Figures.time(nanoseconds: drain.p99ns),
            Figures.time(nanoseconds: drain.maxns), "\(drain.stalled)",
        ]
    }
}
