/// One subject's figures.
struct BenchResult: Encodable {
    var suite: String
    var name: String
    var threads: Int
    var unit: String
    var min: Double
    var median: Double
    var max: Double
    var rounds: Int

    init(_ subject: Subject, _ summary: Summary) {
        suite = subject.suite.rawValue
        name = subject.name
        threads = subject.threads
        unit = subject.unit.rawValue
        min = Figures.rounded(summary.min)
        median = Figures.rounded(summary.median)
        max = Figures.rounded(summary.max)
        rounds = summary.count
    }
}

/// All figures of a run, and how they compare with the targets.
struct BenchReport: Encodable {
    var results: [BenchResult]
    var targets: [Target]
    var notes: [String]

    init(results: [BenchResult], notes: [String]) {
        self.results = results
        self.notes = notes
        targets = Targets(results).all
    }

    var allTargetsMet: Bool { targets.allSatisfy(\.isMet) }

    var text: String {
        var table = TextTable(
            headings: ["suite", "subject", "threads", "min", "median", "max", "unit"], names: 2)
        for result in results {
            table.append([
                result.suite, result.name, "\(result.threads)", Figures.significant(result.min),
                Figures.significant(result.median), Figures.significant(result.max), result.unit,
            ])
        }
        return table.text + targetText + notes.map { "Note: \($0).\n" }.joined()
    }

    private var targetText: String {
        guard !targets.isEmpty else { return "" }
        var table = TextTable(headings: ["ratio of medians", "is", "target", ""], names: 1)
        for target in targets {
            let verdict = target.isMet ? "" : "missed"
            table.append([target.name, Figures.ratio(target.value), target.bound, verdict])
        }
        return "\n" + table.text
    }
}
