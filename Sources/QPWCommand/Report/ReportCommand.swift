import ArgumentParser
import Foundation
import QPW

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Everything in one page: latency of each workload, all benches, machine and policies.",
        discussion: """
            Measures what `latency` and `bench` measure, with all workloads and suites, and writes one HTML page that \
            needs nothing else: plots, tables, the kernel proposal's figures beside ours, and all of it as JSON. It \
            takes four to six minutes, and with --quick one. Ctrl-C ends it, and nothing is written.
            """)

    static let defaultPage = "qpw-report.html"

    @Option(help: "The page. Default: \(Self.defaultPage); with --json alone none is written.")
    var html: String?

    @Option(
        help: """
            A directory that `Benchmarks/peers/run --keep`, `Benchmarks/peers/caches --keep` or both left: their ratios go \
            into the report.
            """)
    var peers: String?

    @Flag(help: "Short measurements, in about a minute: for a first look.")
    var quick = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let page = try (html ?? (json ? nil : Self.defaultPage)).map { path in
            (path: path, file: try OutputFile(path, for: "--html"))
        }
        let peers = try peers.map { try PeerDocuments(directory: $0) }
        let report = try ReportRun(quick ? .quick : .full, peers: peers).measure()
        try page?.file.write(ReportPage(report).markup.html)
        if json {
            StandardOutput.write(try JSONDocument(schema: Report.schema, body: report).text())
        } else {
            StandardOutput.write(report.text + (page.map { "The page: \($0.path)\n" } ?? ""))
        }
    }
}
