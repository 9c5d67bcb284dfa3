/// A round of turns as it happened, a row for each policy: the owner's gaps stand upwards, as high as they were long, on a
/// logarithmic scale; the drains are marked below.
struct TimelinePlot {
    let id: String
    let title: String
    let turns: [TurnTimeline]

    static let width = 360.0
    static let rowHeight = 62.0
    private static let left = 46.0
    private static let right = 348.0
    private static let label = 11.0
    private static let baseline = 48.0
    private static let top = 16.0
    private static let drains = 50.5...56.0

    private var height: Double { Double(turns.count) * Self.rowHeight + 30 }

    private var longest: UInt64 { max(1, turns.map(\.nanoseconds).max() ?? 1) }

    private var times: LogScale {
        // From a microsecond on: shorter ones are no gaps.
        LogScale(
            covering: [1_000] + turns.flatMap { $0.gaps.map(\.nanoseconds) }, from: Self.baseline,
            to: Self.top)
    }

    func x(_ nanoseconds: UInt64) -> Double {
        Self.left + (Self.right - Self.left) * min(1, Double(nanoseconds) / Double(longest))
    }

    var svg: Markup {
        """
        <svg class="plot" role="img" aria-labelledby="\(id)-title \(id)-desc" \
        viewBox="0 0 \(Self.width) \(height)">
        <title id="\(id)-title">\(title)</title><desc id="\(id)-desc">\(description)</desc>
        \(turns.enumerated().markup { row($0.offset, $0.element) })\(axis)
        </svg>
        """
    }

    var description: String {
        turns.map { turn in
            "\(turn.policy): \(turn.drains.count) drains and \(turn.gaps.count) gaps in "
                + "\(Figures.time(nanoseconds: turn.nanoseconds)), the longest gap "
                + "\(Figures.time(nanoseconds: turn.longestGap)), all together "
                + "\(Figures.time(nanoseconds: turn.timeInGaps))."
        }.joined(separator: " ")
    }

    private func row(_ index: Int, _ turn: TurnTimeline) -> Markup {
        let style = SeriesStyle(turn.policy)
        let scale = times
        let ends = [scale.ticks[0], scale.ticks[scale.ticks.count - 1]]
        let gaps = turn.gaps.markup { "M\(x($0.at)) \(Self.baseline)V\(scale.position($0.nanoseconds))" }
        let drains = turn.drains.markup { "M\(x($0.at)) \(Self.drains.lowerBound)V\(Self.drains.upperBound)" }
        return """
            <g transform="translate(0 \(Double(index) * Self.rowHeight))">\
            \(ends.markup { "<path class=\"grid\" d=\"M\(Self.left) \($0.position)H\(Self.right)\"/>" })\
            \(ends.markup { "<text x=\"\(Self.left - 5)\" y=\"\($0.position + 3.5)\" text-anchor=\"end\">\($0.label)</text>" })\
            <text class="name" x="\(Self.left)" y="\(Self.label)">\(turn.policy)</text>\
            <path class="gap \(style.colour)" d="\(gaps)"/><path class="drain" d="\(drains)"/></g>
            """
    }

    private var axis: Markup {
        let y = Double(turns.count) * Self.rowHeight + 12
        let step: UInt64 = longest > 100_000_000 ? 50_000_000 : max(1, longest / 4)
        let ticks = stride(from: 0, through: longest, by: Int(step))
        return """
            \(ticks.markup { "<text x=\"\(x($0))\" y=\"\(y)\" text-anchor=\"middle\">\(label($0))</text>" })\
            <text x="\((Self.left + Self.right) / 2)" y="\(y + 14)" text-anchor="middle">time in the turn</text>
            """
    }

    private func label(_ nanoseconds: UInt64) -> String { "\(nanoseconds / 1_000_000) ms" }
}
