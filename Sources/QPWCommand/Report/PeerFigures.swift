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

// MARK: - From documents

extension PeerFigures {
    private struct Key: Hashable {
        var workload: Int
        var threads: Int
    }

    private static let workloads = ["pair64", "batch100", "batch10k", "batch1M", "kmalloc1M", "cross"]
    private static let peers = ["glibc", "jemalloc", "tcmalloc", "mimalloc"]

    /// A figure is the median over the turns of each program's own median. Nil where there is none.
    init?(_ documents: PeerDocuments) {
        var medians: [Key: [String: [Double]]] = [:]
        for document in documents.all {
            let isTraitless = document.subject == "traitless"
            for row in document.rows {
                let parts = row.name.split(separator: "/", maxSplits: 1).map(String.init)
                guard parts.count == 2, let workload = Self.workloads.firstIndex(of: parts[0]) else {
                    continue
                }
                // Such a build has one policy, which the other one has, too.
                if isTraitless && parts[1] != "queue" { continue }
                let key = Key(workload: workload, threads: row.threads)
                medians[key, default: [:]][isTraitless ? "traitless" : parts[1], default: []].append(
                    row.median)
            }
        }
        guard !medians.isEmpty else { return nil }
        rows = medians.sorted { ($0.key.workload, $0.key.threads) < ($1.key.workload, $1.key.threads) }.map {
            key, programs in
            let figures = programs.map {
                Figure(name: $0.key, median: Figures.rounded(Summary(of: $0.value).median))
            }.sorted { $0.median < $1.median }
            return Row(
                workload: Self.workloads[key.workload], threads: key.threads,
                peers: figures.filter { Self.peers.contains($0.name) },
                ours: figures.filter { !Self.peers.contains($0.name) })
        }
    }
}
