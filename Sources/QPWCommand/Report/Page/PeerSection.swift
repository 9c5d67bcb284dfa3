/// The same work done by other allocators.
struct PeerSection {
    private let figures: PeerFigures

    init(_ figures: PeerFigures) {
        self.figures = figures
    }

    var markup: Markup {
        """
        <p>Cycles for the same work under other allocators and under our policies, of one run of \
        <code>Benchmarks/peers/run</code>; less than 1.00 is less than the fastest of the others took.</p>
        \(table.markup)
        """
    }

    private var policies: [String] {
        let present = Set(figures.rows.flatMap { $0.ours.map(\.name) })
        return Targets.names.filter(present.contains)
    }

    private var table: PageTable {
        let policies = policies
        var table = PageTable(
            caption: "Cycles of the fastest of the others, and our ratios to it",
            headings: ["workload", "fastest other", "cycles"] + policies)
        for row in figures.rows {
            guard let fastest = row.fastest else { continue }
            let threads = row.threads == 1 ? "" : " × \(row.threads)"
            let ratios = policies.map { policy in
                row.ours.first { $0.name == policy }.flatMap(row.ratio).map(Figures.significant) ?? "–"
            }
            table.rows.append(
                .init(
                    row.workload + threads, [fastest.name, Figures.significant(fastest.median)] + ratios))
        }
        return table
    }
}
