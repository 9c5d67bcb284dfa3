/// The proposal's figures and ours, each column against its own base.
struct ProposalSection {
    private let comparison: ProposalComparison

    init(_ comparison: ProposalComparison) {
        self.comparison = comparison
    }

    var markup: Markup {
        """
        <p>Cycles for one <code>kmalloc</code> of 64 bytes, as the proposal’s cover letters have them for the kernel (a \
        million allocations in version 1, nine million in version 4), and for one <code>allocate</code> of 64 bytes from an \
        object cache here. Cycles of different machines do not compare; what a lock adds to the base of its column does.</p>
        \(table.markup)
        """
    }

    private var table: PageTable {
        var table = PageTable(
            caption: "Cycles for an allocation of 64 bytes, and how much that is of the column’s base",
            headings: ["kernel", "v1", "of base", "v4", "of base", "here", "cycles", "of base"])
        let first = comparison.rows[0]
        for row in comparison.rows {
            table.rows.append(
                .init(
                    row.kernel,
                    [
                        "\(row.v1)", share(Double(row.v1), Double(first.v1)), "\(row.v4)",
                        share(Double(row.v4), Double(first.v4)),
                    ] + ours(row.subject, row.ours)))
        }
        for other in comparison.others {
            table.rows.append(.init("–", ["–", "–", "–", "–"] + ours(other.subject, other.ours)))
        }
        return table
    }

    private func ours(_ subject: String?, _ figure: Double?) -> [String] {
        [
            subject ?? "–", figure.map(Figures.significant) ?? "–",
            figure.flatMap { figure in comparison.base.map { share(figure, $0) } } ?? "–",
        ]
    }

    private func share(_ figure: Double, _ base: Double) -> String {
        base > 0 ? Figures.significant(figure / base) : "–"
    }
}
