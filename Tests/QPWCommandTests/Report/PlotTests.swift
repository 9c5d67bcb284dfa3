import Foundation
import Testing

@testable import QPWCommand

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("Plots")
struct PlotTests {
    private func curve(_ policy: String, _ values: [UInt64]) -> PercentileCurve {
        var distribution = Distribution()
        for value in values { distribution.record(value) }
        return PercentileCurve(policy: policy, distribution)
    }

    /// What a reader of XML makes of it; nil if it is none.
    private func elements(_ markup: Markup) throws -> [XMLElement] {
        let document = try XMLDocument(xmlString: markup.html)
        let root = try #require(document.rootElement())
        return try [root] + root.nodes(forXPath: "//*").compactMap { $0 as? XMLElement }
    }

    private func texts(_ markup: Markup) throws -> [String] {
        try elements(markup).filter { $0.name == "text" }.compactMap(\.stringValue)
    }

    @Test("A curve rises, ends with its greatest, and has no more percentiles than samples say")
    func curves() {
        let curve = curve("lock", (1...1000).map { $0 * 1_000 })
        #expect(curve.count == 1000)
        #expect(curve.points.count == 3 * 8 + 2)
        #expect(curve.points.map(\.nanoseconds) == curve.points.map(\.nanoseconds).sorted())
        #expect(curve.maxns == 1_000_000)
        #expect(curve.points.last?.nanoseconds == 1_000_000)
        #expect((499...501).contains(curve.p50ns / 1_000))
        #expect((989...991).contains(curve.p99ns / 1_000))
    }

    @Test("Of nothing, there is a curve of nothing")
    func nothing() throws {
        let curve = curve("lock", [])
        #expect(curve.points.isEmpty)
        let plot = PercentilePlot(id: "p", title: "t", curves: [curve])
        #expect(plot.description == "lock: none.")
        #expect(try elements(plot.svg).contains { $0.name == "svg" })
    }

    @Test("A percentile plot is well-formed, within its box, and says its figures in words")
    func percentilePlot() throws {
        let plot = PercentilePlot(
            id: "p", title: "Gaps <1>",
            curves: [
                curve("queue", (1...500).map { $0 * 10_000 }), curve("lock", [2_000]), curve("idle", []),
            ])
        let elements = try elements(plot.svg)
        #expect(elements.first?.attribute(forName: "role")?.stringValue == "img")
        #expect(plot.description.contains("queue: median 2.50 ms, 99 % at most 4."))
        #expect(plot.description.contains("lock: median 2.00 µs"))
        let lines = elements.filter { $0.attribute(forName: "class")?.stringValue?.hasPrefix("line") == true }
        #expect(lines.count == 2)
        for line in lines {
            let path = try #require(line.attribute(forName: "d")?.stringValue)
            let numbers = path.split { !$0.isNumber && $0 != "." && $0 != "-" }.compactMap { Double($0) }
            #expect(numbers.count.isMultiple(of: 2))
            for index in numbers.indices {
                #expect(
                    (0...(index % 2 == 0 ? PercentilePlot.width : PercentilePlot.height)).contains(
                        numbers[index]))
            }
        }
        #expect(try texts(plot.svg).contains("percentile"))
    }

    @Test("A timeline has a gap and a drain where they were, as high as it was long")
    func timeline() throws {
        let clock = CycleClock(cyclesPerNanosecond: 1)
        var gaps = SpanLog(capacity: 8), drains = SpanLog(capacity: 8)
        gaps.record(from: 900, to: 990)  // before the turn
        gaps.record(from: 51_000, to: 61_000)
        drains.record(from: 26_000, to: 26_100)
        drains.record(from: 101_000, to: 101_001)  // after it
        let turn = TurnTimeline("lock", Span(begin: 1_000, end: 101_000), gaps, drains, clock)
        #expect(turn.nanoseconds == 100_000)
        #expect(turn.gaps == [.init(at: 50_000, nanoseconds: 10_000)])
        #expect(turn.drains == [.init(at: 25_000, nanoseconds: 100)])
        #expect(turn.longestGap == 10_000)

        let plot = TimelinePlot(id: "t", title: "t", turns: [turn])
        #expect(abs(plot.x(50_000) - (plot.x(0) + plot.x(100_000)) / 2) < 1e-9)
        #expect(plot.description.contains("lock: 1 drains and 1 gaps in 100 µs, the longest gap 10.0 µs"))
        let paths = try elements(plot.svg).filter { $0.name == "path" }
        let gap = try #require(paths.first { $0.attribute(forName: "class")?.stringValue == "gap lock" })
        #expect(gap.attribute(forName: "d")?.stringValue == "M197.0 48.0V16.0")
    }

    @Test("Each policy differs from each other in colour or dash, and in shape")
    func styles() {
        let names = ["queue", "lock", "fence", "deferred", "rtQueue", "rtLock", "idle"]
        let styles = names.map(SeriesStyle.init)
        #expect(Set(styles.map { "\($0.colour) \($0.dash)" }).count == names.count)
        #expect(Set(styles.map { "\($0.shape)" }).count == names.count)
        #expect(SeriesStyle("deferred(escalateAfter: 1 s)").colour == "deferred")
    }
}
