import Foundation

/// The same requests sent through other caches.
struct CacheSection {
    private let figures: CacheFigures

    init(_ figures: CacheFigures) {
        self.figures = figures
    }

    var markup: Markup {
        """
        <p>The same requests sent through <code>\(CacheFigures.ours)</code> and others, of one run of \
        <code>Benchmarks/peers/caches</code>, each cache empty at first; look-ups of ours are timed under <code>fence</code>. \
        Ours is compared with the best of the others, of which exact LRU is none.</p>
        \(figures.ratios.isEmpty ? "" : ratios.markup)
        \(figures.times.isEmpty ? "" : times.markup)
        """
    }

    private var ratios: PageTable {
        var programs: [String] = []
        for figure in figures.ratios.flatMap(\.figures) where !programs.contains(figure.program) {
            programs.append(figure.program)
        }
        var table = PageTable(
            caption: "Percent of requests that were hits",
            headings: ["requests"] + programs + ["best other", "ours ahead by"])
        for row in figures.ratios {
            let percents = programs.map { row.percent($0).map(places) ?? "–" }
            table.rows.append(
                .init(row.workload, percents + [row.best?.program ?? "–", row.lead.map(signed) ?? "–"]))
        }
        return table
    }

    private var times: PageTable {
        var table = PageTable(
            caption: "Nanoseconds for a look-up that finds its value, one thread",
            headings: ["program", "median", "ours over it"])
        for figure in figures.times {
            let ratio = figure.program == CacheFigures.ours ? nil : figures.timeRatio(figure)
            table.rows.append(
                .init(
                    figure.program,
                    [Figures.significant(figure.value), ratio.map(Figures.significant) ?? "–"]))
        }
        return table
    }

    private func signed(_ points: Double) -> String {
        (points > 0 ? "+" : points < 0 ? "−" : "") + places(abs(points))
    }

    /// The caches are less than a percent apart.
    private func places(_ percent: Double) -> String { String(format: "%.2f", percent) }
}
