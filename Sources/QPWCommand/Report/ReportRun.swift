import ArgumentParser
import Foundation
import QPW

/// Measures all that the report shows, one thing after the other.
struct ReportRun {
    enum Extent: String, Encodable {
        case quick
        case full
    }

    private let extent: Extent
    private let peers: PeerFigures?
    private let caches: CacheFigures?

    init(_ extent: Extent, peers: PeerDocuments?) {
        self.extent = extent
        self.peers = peers?.allocators
        caches = peers?.caches
    }

    func measure() throws -> Report {
        Interruption.await()
        let begun = ContinuousClock.now
        let date = Date.now.formatted(.iso8601)
        var notes: [String] = []
        let latency = try measureLatency(&notes)
        let bench = try measureBench()
        return Report(
            date: date, extent: extent, seconds: Figures.rounded((ContinuousClock.now - begun) / .seconds(1)),
            system: .ofThisSystem(), latency: latency, bench: bench,
            proposal: ProposalComparison(bench: bench, peers: peers), peers: peers, caches: caches,
            notes: notes)
    }

    // MARK: Latency

    private func measureLatency(_ notes: inout [String]) throws -> [WorkloadLatency] {
        let usable = Topology.system.allowed.intersection(Topology.system.online)
        guard usable.count > 1 else {
            notes.append("latency was left out: " + CPUPair.tooFew(usable))
            return []
        }
        let workloads = Workload.allCases
        return try workloads.enumerated().map { index, workload in
            let step = "\(index + 1) of \(workloads.count + 1), latency of \(workload): "
            let run = LatencyRun(try settings(workload), progress: Progress(title: step))
            let outcome = try run.measure()
            try endIfInterrupted()
            return WorkloadLatency(outcome)
        }
    }

    /// All turns of a round make a second, which the page shows as it happened.
    func settings(_ workload: Workload) throws -> LatencySettings {
        let seconds = extent == .quick ? 6 : 18
        let arguments = ["--workload", workload.rawValue, "--duration", "\(seconds)s"]
        var settings = try LatencyCommand.parse(arguments).settings(on: .system)
        settings.turn = .seconds(1) / (settings.policies.count + 1)
        settings.keeping = .spans
        return settings
    }

    // MARK: Benches

    private func measureBench() throws -> BenchReport {
        let command = try BenchCommand.parse(extent == .quick ? ["--quick", "--rounds", "2"] : [])
        let settings = command.settings(on: .system)
        let step = "\(Workload.allCases.count + 1) of \(Workload.allCases.count + 1), benches: "
        let subjects = Suite.byDefault.flatMap { $0.subjects(settings) }
        let results = RoundRobin(subjects, settings, progress: Progress(title: step)).measure()
        try endIfInterrupted()
        return BenchReport(results: results, notes: settings.notes([]))
    }

    private func endIfInterrupted() throws {
        guard Interruption.hasCome else { return }
        StandardError.write("qpw: interrupted: nothing was written.\n")
        throw ExitCode(Interruption.exitCode)
    }
}
