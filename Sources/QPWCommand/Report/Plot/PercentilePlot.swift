/// Distributions, one line each: percentiles by their nines to the right, times on a logarithmic scale upwards.
struct PercentilePlot {
    let id: String
    let title: String
    let curves: [PercentileCurve]

    static let width = 360.0
    static let height = 250.0
    private static let left = 46.0
    private static let right = 348.0
    private static let top = 12.0
    private static let bottom = 212.0

    private var times: LogScale {
        LogScale(
            covering: curves.flatMap { $0.points.map(\.nanoseconds) }, from: Self.bottom, to: Self.top)
    }

    private var percentiles: PercentileScale {
        PercentileScale(counts: curves.map(\.count), from: Self.left, to: Self.right)
    }

    var svg: Markup {
        """
        <svg class="plot" role="img" aria-labelledby="\(id)-title \(id)-desc" \
        viewBox="0 0 \(Self.width) \(Self.height)">
        <title id="\(id)-title">\(title)</title><desc id="\(id)-desc">\(description)</desc>
        \(grid)\(curves.markup(line))
        </svg>
        """
    }

    /// The plot in words, for who does not see it.
    var description: String {
        curves.map { curve in
            guard curve.count > 0 else { return "\(curve.policy): none." }
            return "\(curve.policy): median \(Figures.time(nanoseconds: curve.p50ns)), "
                + "99 % at most \(Figures.time(nanoseconds: curve.p99ns)), "
                + "greatest \(Figures.time(nanoseconds: curve.maxns)) of \(curve.count)."
        }.joined(separator: " ")
    }

    private var grid: Markup {
        let across = times.ticks.markup { tick in
            """
            <path class="grid" d="M\(Self.left) \(tick.position)H\(Self.right)"/>\
            <text x="\(Self.left - 5)" y="\(tick.position + 3.5)" text-anchor="end">\(tick.label)</text>
            """
        }
        let up = percentiles.ticks.markup { tick in
            """
            <path class="grid" d="M\(tick.position) \(Self.top)V\(Self.bottom)"/>\
            <text x="\(tick.position)" y="\(Self.bottom + 14)" text-anchor="middle">\(tick.label)</text>
            """
        }
        let middle = (Self.left + Self.right) / 2
        return """
            \(across)\(up)\
            <text x="\(middle)" y="\(Self.height - 6)" text-anchor="middle">percentile</text>
            """
    }

    private func line(_ curve: PercentileCurve) -> Markup {
        let style = SeriesStyle(curve.policy)
        let points = curve.points.map { point in
            (
                x: percentiles.position(percentile: point.percentile, count: curve.count),
                y: times.position(point.nanoseconds)
            )
        }
        let stride = 8
        let marked = points.indices.filter { $0 % stride == stride / 2 || $0 == points.count - 1 }
        return "\(style.line(points))\(marked.markup { style.marker(points[$0].x, points[$0].y) })"
    }
}
