import ArgumentParser
import Foundation
import QPW
import Testing

@testable import QPWCommand

private let hasTwoCPUs = Topology.system.allowed.count > 1

@Suite("Reports", .serialized)
struct ReportTests {
    private func bench(_ medians: [String: Double]) throws -> BenchReport {
        let results = medians.sorted { $0.key < $1.key }.map { name, median in
            BenchResult(
                Subject(suite: .objects, name: name, threads: 1, unit: .cycles) { 0 }, Summary(of: [median]))
        }
        return BenchReport(results: results, notes: [])
    }

    @Test("The proposal's figures are those of its letters, each beside its counterpart")
    func proposal() throws {
        let bench = try bench([
            "kmalloc1M/none": 50, "kmalloc1M/queue": 60, "kmalloc1M/lock": 100, "kmalloc1M/fence": 55,
            "pair64/lock": 9,
        ])
        let comparison = ProposalComparison(bench: bench, peers: nil)
        #expect(comparison.rows.map(\.v1) == [159, 163, 170, 190, 185, 181, 196])
        #expect(comparison.rows.map(\.v4) == [60, 62, 62, 75, 95, 99, 97])
        #expect(comparison.rows.map(\.ours) == [50, nil, 60, 100, nil, nil, nil])
        #expect(comparison.others.map(\.subject) == ["kmalloc1M/fence"])
        #expect(comparison.base == 50)
    }

    @Test("A bench's name says its row and its column")
    func subjects() throws {
        let report = try bench(["drain/queue/8/1": 1, "Mutex": 2, "batch1M/sizes.fence": 3])
        let subjects = report.results.map(BenchSubject.init)
        #expect(subjects.map(\.policy) == [nil, nil, "queue"])
        #expect(subjects.map(\.key.operation) == ["Mutex", "batch1M/sizes.fence", "drain/8/1"])
    }

    @Test("Peers' figures are medians over turns, ours against the fastest of them")
    func peers() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        func write(_ name: String, _ rows: (String, Double)...) throws {
            try writeDocument(name, in: directory, rows.map { ($0.0, "cycles", $0.1) })
        }
        for (turn, figure) in [8.0, 30, 10].enumerated() {
            try write("glibc.\(turn).json", ("pair64/glibc", figure))
        }
        try write("mimalloc.1.json", ("pair64/mimalloc", 20))
        try write("qpw.1.json", ("pair64/fence", 5), ("rcufree/fence", 7))
        try write("traitless.1.json", ("kmalloc1M/queue", 44), ("kmalloc1M/none", 1))
        let documents = try PeerDocuments(directory: directory.path)
        #expect(documents.caches == nil)
        let figures = try #require(documents.allocators)
        let pair = try #require(figures.rows.first)
        #expect(pair.workload == "pair64")
        #expect(pair.fastest?.name == "glibc")
        #expect(pair.fastest?.median == 10)
        #expect(pair.ours.first.flatMap(pair.ratio) == 0.5)
        #expect(figures.rows.count == 2)
        #expect(figures.traitless("kmalloc1M", named: "kmalloc1M/traitless") == 44)
        let comparison = ProposalComparison(bench: try bench([:]), peers: figures)
        #expect(comparison.rows[1].ours == 44)
    }

    @Test("Other caches' figures are told from allocators' in the same directory")
    func caches() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        try writeDocument(
            "zipf.qpw.json", in: directory,
            [("hitratio/trace", "percent", 60), ("hitratio/trace/exactLRU", "percent", 99)])
        try writeDocument("zipf.cachetools.json", in: directory, [("hitratio/LRUCache", "percent", 50)])
        try writeDocument("zipf.caffeine.json", in: directory, [("hitratio/Caffeine", "percent", 62.5)])
        try writeDocument("hits.caffeine.1.json", in: directory, [("hit/Caffeine", "ns", 50)])
        for (turn, cycles) in [60.0, 500, 40].enumerated() {
            try writeDocument("hits.qpw-hit.\(turn).json", in: directory, [("hit/fence", "cycles", cycles)])
        }
        let uncounted = try #require(try PeerDocuments(directory: directory.path).caches)
        #expect(uncounted.times.map(\.program) == ["Caffeine"])
        try "2.0\n".write(
            to: directory.appendingPathComponent("cycles"), atomically: true, encoding: .utf8)
        let alone = try PeerDocuments(directory: directory.path)
        #expect(alone.allocators == nil)
        let figures = try #require(alone.caches)
        let row = try #require(figures.ratios.first)
        #expect(row.workload == "zipf" && figures.ratios.count == 1)
        #expect(row.best == .init(program: "Caffeine", value: 62.5))
        #expect(row.lead == -2.5)
        #expect(figures.times.map(\.value) == [30, 50])
        #expect(figures.times.last.flatMap(figures.timeRatio) == 0.6)
        let html = CacheSection(figures).markup.html
        #expect(html.contains("<td>Caffeine</td><td>−2.50</td>"))
        #expect(html.contains("<td>50.0</td><td>0.60</td>"))

        try writeDocument("glibc.1.json", in: directory, [("pair64/glibc", "cycles", 8)])
        let both = try PeerDocuments(directory: directory.path)
        #expect(both.allocators?.rows.map(\.workload) == ["pair64"])
        #expect(both.caches?.ratios.count == 1)
    }

    private func writeDocument(
        _ name: String, in directory: URL, _ rows: [(name: String, unit: String, median: Double)]
    ) throws {
        let results = rows.map { row in
            "{\"name\": \"\(row.name)\", \"threads\": 1, \"unit\": \"\(row.unit)\", \"median\": \(row.median)}"
        }
        try "{\"results\": [\(results.joined(separator: ","))]}"
            .write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    @Test("What cannot be read or written is refused before anything is measured")
    func refusals() throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let page = directory.appendingPathComponent("page.html").path
        for arguments in [
            ["--html", "/proc/nowhere/page.html"], ["--html", page, "--peers", directory.path],
            ["--html", page, "--peers", directory.path + "/none"],
        ] {
            #expect(CommandLineRun.exitCode(for: ["report"] + arguments) == CommandLineRun.badUsage)
        }
        try "no document".write(
            toFile: directory.appendingPathComponent("glibc.1.json").path, atomically: true, encoding: .utf8)
        #expect(throws: ValidationError.self) { try PeerDocuments(directory: directory.path) }
    }

    @Test("A second has a turn of each policy", .enabled(if: hasTwoCPUs, "needs two CPUs"))
    func settings() throws {
        for extent in [ReportRun.Extent.quick, .full] {
            let settings = try ReportRun(extent, peers: nil).settings(.slot)
            let round = settings.turn * (settings.policies.count + 1)
            #expect(abs(round / .seconds(1) - 1) < 0.01)
            #expect(settings.rounds == Int(settings.duration / .seconds(1)))
            #expect(settings.spansKept > 0)
        }
    }

    @Test(
        "The page has a section for each thing, an alternative for each plot, and the document in it",
        .enabled(if: hasTwoCPUs, "needs two CPUs"))
    func page() throws {
        var settings = try ReportRun(.quick, peers: nil).settings(.objects)
        settings.duration = .seconds(1)
        let latency = WorkloadLatency(try LatencyRun(settings).measure())
        let bench = try bench(["kmalloc1M/none": 50, "withLocal/<b>": 1])
        let peers = PeerFigures(rows: [
            .init(
                workload: "pair64", threads: 1, peers: [.init(name: "glibc", median: 10)],
                ours: [.init(name: "fence", median: 5)])
        ])
        let caches = CacheFigures(
            ratios: [.init(workload: "zipf", figures: [.init(program: CacheFigures.ours, value: 60)])],
            times: [])
        let report = Report(
            date: "today", extent: .quick, seconds: 1, system: .ofThisSystem(), latency: [latency],
            bench: bench, proposal: ProposalComparison(bench: bench, peers: nil), peers: peers,
            caches: caches, notes: ["</script>"])
        #expect(latency.second.count == settings.policies.count + 1)
        let html = try ReportPage(report).markup.html
        for id in ["latency-objects", "proposal", "bench", "peers", "caches", "machine"] {
            #expect(html.contains("<section id=\"\(id)\">"))
            #expect(html.contains("href=\"#\(id)\""))
        }
        #expect(html.components(separatedBy: "class=\"plot\" role=\"img\" aria-labelledby=").count - 1 == 3)
        #expect(html.components(separatedBy: "class=\"plot\"").count - 1 == 3)
        #expect(!html.contains("withLocal/<b>"))
        for outside in ["http://", "https://", "@import", "url(", " src="] {
            #expect(!html.contains(outside), "\(outside)")
        }
        let opening = "id=\"qpw-report\">"
        let data = try #require(
            html.components(separatedBy: opening).last?.components(separatedBy: "</script>").first)
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(data.utf8)) as? JSONObject)
        #expect(data.hasPrefix("{\"schema\":\"qpw.report/1\","))
        #expect(document["notes"] as? [String] == ["</script>"])
        #expect(try document.objects("latency").first?.objects("gaps").count == settings.policies.count + 1)
    }

    private func temporaryDirectory() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }
}
