import ArgumentParser
import Foundation

/// What other allocators took for the same work, and ours in the same run; medians, in cycles.
struct PeerFigures: Encodable {
    struct Figure: Encodable {
        var name: String
        var median: Double
    }

    struct Row: Encodable {
        var workload: String
        var threads: Int
        var peers: [Figure]
        var ours: [Figure]

        var fastest: Figure? { peers.min { $0.median < $1.median } }

        func ratio(_ figure: Figure) -> Double? { fastest.map { figure.median / $0.median } }
    }

    var rows: [Row]

    /// The figure of a build without the trait, if there was one.
    func traitless(_ workload: String, named subject: String) -> Double? {
        guard subject == "\(workload)/traitless" else { return nil }
        let row = rows.first { $0.workload == workload && $0.threads == 1 }
        return row?.ours.first { $0.name == "traitless" }?.median
    }
}

/// The documents that `Benchmarks/peers/run --keep` left, one for each program and turn.
struct PeerDocuments {
    private struct Document: Decodable {
        var results: [Result]
    }

    private struct Result: Decodable {
        var name: String
        var threads: Int
        var median: Double
    }

    private struct Key: Hashable {
        var workload: String
        var threads: Int
    }

    private let directory: String
    private var medians: [Key: [String: [Double]]] = [:]
    private var order: [Key] = []

    private static let workloads = ["pair64", "batch100", "batch10k", "batch1M", "kmalloc1M", "cross"]
    private static let peers = ["glibc", "jemalloc", "tcmalloc", "mimalloc"]

    /// Fails before anything is measured if there is nothing to be had from there.
    init(directory: String) throws {
        self.directory = directory
        let url = URL(fileURLWithPath: directory, isDirectory: true)
        let files = try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        for file in (files ?? []).sorted(by: { $0.path < $1.path }) where file.pathExtension == "json" {
            do {
                let document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
                add(document, isTraitless: file.lastPathComponent.hasPrefix("traitless."))
            } catch {
                throw ValidationError("--peers: \(file.path) is no document of a benchmark.")
            }
        }
        guard !order.isEmpty else {
            throw ValidationError(
                "--peers \(directory): no documents of `Benchmarks/peers/run --keep` there.")
        }
    }

    private mutating func add(_ document: Document, isTraitless: Bool) {
        for result in document.results {
            let parts = result.name.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2, Self.workloads.contains(parts[0]) else { continue }
            // Such a build has one policy, which the other one has, too.
            if isTraitless && parts[1] != "queue" { continue }
            let key = Key(workload: parts[0], threads: result.threads)
            if medians[key] == nil { order.append(key) }
            medians[key, default: [:]][isTraitless ? "traitless" : parts[1], default: []].append(
                result.median)
        }
    }

    /// A figure is the median over the turns of each program's own median.
    func figures() -> PeerFigures {
        let workloads = Self.workloads
        let keys = order.sorted {
            (workloads.firstIndex(of: $0.workload) ?? 0, $0.threads)
                < (workloads.firstIndex(of: $1.workload) ?? 0, $1.threads)
        }
        return PeerFigures(
            rows: keys.map { key in
                let figures = (medians[key] ?? [:]).map {
                    PeerFigures.Figure(name: $0.key, median: Figures.rounded(Summary(of: $0.value).median))
                }.sorted { $0.median < $1.median }
                return PeerFigures.Row(
                    workload: key.workload, threads: key.threads,
                    peers: figures.filter { Self.peers.contains($0.name) },
                    ours: figures.filter { !Self.peers.contains($0.name) })
            })
    }
}
