/// What other caches made of the same requests, and ours in the same run.
struct CacheFigures: Encodable {
    struct Figure: Encodable, Equatable {
        var program: String
        var value: Double
    }

    /// Percent of hits.
    struct Row: Encodable {
        var workload: String
        var figures: [Figure]

        func percent(_ program: String) -> Double? { figures.first { $0.program == program }?.value }

        /// Exact LRU is no peer: it is what the drivers are compared by.
        var best: Figure? {
            figures.filter { $0.program != CacheFigures.ours && $0.program != CacheFigures.exact }
                .max { $0.value < $1.value }
        }

        /// How many points ours is ahead of the best.
        var lead: Double? {
            guard let best, let ours = percent(CacheFigures.ours) else { return nil }
            return Figures.rounded(ours - best.value)
        }
    }

    static let ours = "PageCache"
    private static let exact = "exact LRU"

    var ratios: [Row]
    /// Nanoseconds for a look-up that finds its value, one thread.
    var times: [Figure]

    /// Ours over another's.
    func timeRatio(_ figure: Figure) -> Double? {
        times.first { $0.program == Self.ours }.map { $0.value / figure.value }
    }
}

// MARK: - From documents

extension CacheFigures {
    private static let workloads = ["zipf", "scans", "loop", "database"]
    private static let hits = "hits"
    private static let programs: [(name: String, title: String)] = [
        ("hitratio/trace/exactLRU", exact), ("hitratio/trace", ours), ("hitratio/LRUCache", "cachetools LRU"),
        ("hitratio/LFUCache", "cachetools LFU"), ("hitratio/Caffeine", "Caffeine"),
    ]
    private static let timed: [(name: String, title: String)] = [
        ("hit/fence", ours), ("immutableDictionary", "Dictionary, immutable"), ("hit/Caffeine", "Caffeine"),
        ("HashMap", "HashMap, unchanged"),
    ]

    /// Nil where there is none.
    init?(_ documents: PeerDocuments) {
        func rows(_ subject: String) -> [PeerDocuments.Row] {
            documents.all.filter { $0.subject == subject }.flatMap(\.rows).filter { $0.threads == 1 }
        }
        ratios = Self.workloads.compactMap { workload in
            let figures = Self.figures(Self.programs, rows(workload), \.median)
            return figures.isEmpty ? nil : Row(workload: workload, figures: figures)
        }
        times = Self.figures(Self.timed, rows(Self.hits)) { $0.nanoseconds(documents.cyclesPerNanosecond) }
        if ratios.isEmpty && times.isEmpty { return nil }
    }

    /// Each is the median over the turns of the program's own median.
    private static func figures(
        _ programs: [(name: String, title: String)], _ rows: [PeerDocuments.Row],
        _ value: (PeerDocuments.Row) -> Double?
    ) -> [Figure] {
        programs.compactMap { program in
            let values = rows.filter { $0.name == program.name }.compactMap(value)
            guard !values.isEmpty else { return nil }
            return Figure(program: program.title, value: Figures.rounded(Summary(of: values).median))
        }
    }
}

extension PeerDocuments.Row {
    fileprivate func nanoseconds(_ cyclesPerNanosecond: Double?) -> Double? {
        unit == "ns" ? median : cyclesPerNanosecond.map { median / $0 }
    }
}
