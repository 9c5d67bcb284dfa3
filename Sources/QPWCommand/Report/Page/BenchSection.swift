/// The benches: targets first, then a table for each suite with a column for each policy, and one for what has no policy.
struct BenchSection {
    private let report: BenchReport

    init(_ report: BenchReport) {
        self.report = report
    }

    var markup: Markup {
        """
        <p>Medians over the rounds, with the least and the greatest below; all subjects took turns. A figure in cycles is the \
        CPU time that an operation took.</p>
        \(report.targets.isEmpty ? "" : targets.markup)
        \(suites.markup(suite))\(report.notes.markup { "<p class=\"note\">\($0).</p>\n" })
        """
    }

    private var targets: PageTable {
        var table = PageTable(
            caption: "Ratios of medians, and what they should be", headings: ["ratio", "is", "target", ""])
        for target in report.targets {
            table.rows.append(
                .init(
                    target.name,
                    [Figures.ratio(target.value), target.bound, target.isMet ? "" : "missed"]))
        }
        return table
    }

    // MARK: Suites

    private var suites: [String] {
        var seen: Set<String> = []
        return report.results.map(\.suite).filter { seen.insert($0).inserted }
    }

    private func suite(_ suite: String) -> Markup {
        let subjects = report.results.filter { $0.suite == suite }.map(BenchSubject.init)
        let plain = subjects.filter { $0.policy == nil }
        return """
            <h3>\(suite)</h3>
            \(matrix(suite, subjects.filter { $0.policy != nil }))
            \(plain.isEmpty ? "" : list(suite, plain).markup)

            """
    }

    private func matrix(_ suite: String, _ subjects: [BenchSubject]) -> Markup {
        guard !subjects.isEmpty else { return "" }
        let present = Set(subjects.compactMap(\.policy))
        let policies = Targets.names.filter(present.contains)
        var table = PageTable(caption: "\(suite), by policy", headings: ["operation"] + policies)
        for key in BenchSubject.keys(of: subjects) {
            let row = Dictionary(subjects.filter { $0.key == key }.map { ($0.policy, $0.cell) }) { first, _ in
                first
            }
            table.rows.append(.init(heading: key.heading, cells: policies.map { row[$0] ?? "–" }))
        }
        return table.markup
    }

    private func list(_ suite: String, _ subjects: [BenchSubject]) -> PageTable {
        var table = PageTable(caption: "\(suite), without a policy", headings: ["operation", "figure"])
        table.rows = subjects.map { .init(heading: $0.key.heading, cells: [$0.cell]) }
        return table
    }
}

/// A result, and the place in the tables that its name gives it.
struct BenchSubject {
    struct Key: Hashable {
        var operation: String
        var threads: Int
        var unit: String

        var heading: Markup {
            let threads = threads == 1 ? "" : " × \(threads)"
            return
                "\(operation)\(threads) <small>\(unit.hasPrefix("ns") ? String(unit.dropFirst(2)) : unit)</small>"
        }
    }

    let key: Key
    /// Nil where no part of the name is a policy's.
    let policy: String?
    private let result: BenchResult

    init(_ result: BenchResult) {
        self.result = result
        let parts = result.name.split(separator: "/").map(String.init)
        policy = parts.dropFirst().first(where: Targets.names.contains)
        let operation = parts.filter { [policy] in $0 != policy }.joined(separator: "/")
        key = Key(operation: operation, threads: result.threads, unit: result.unit)
    }

    /// Each once, in the order in which they come.
    static func keys(of subjects: [BenchSubject]) -> [Key] {
        var seen: Set<Key> = []
        return subjects.map(\.key).filter { seen.insert($0).inserted }
    }

    var cell: Markup { "\(figure(result.median)) <small>\(figure(result.min))–\(figure(result.max))</small>" }

    /// Times are of all magnitudes, so each has its own unit.
    private func figure(_ value: Double) -> String {
        result.unit.hasPrefix("ns") ? Figures.time(nanoseconds: value) : Figures.significant(value)
    }
}
