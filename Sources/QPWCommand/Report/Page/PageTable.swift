/// A table that scrolls by itself where it is wider than the page; the first cell of a row is its heading.
struct PageTable {
    struct Row {
        var heading: Markup
        var cells: [Markup]
    }

    let caption: String
    let headings: [String]
    var rows: [Row] = []

    var markup: Markup {
        """
        <div class="scroll" role="region" tabindex="0" aria-label="\(caption)"><table>
        <caption><span>\(caption)</span></caption>
        <thead><tr>\(headings.markup { "<th scope=\"col\">\($0)</th>" })</tr></thead>
        <tbody>
        \(rows.markup(line))</tbody></table></div>
        """
    }

    private func line(_ row: Row) -> Markup {
        """
        <tr><th scope="row">\(row.heading)</th>\(row.cells.markup { "<td>\($0)</td>" })</tr>

        """
    }
}

extension PageTable.Row {
    /// A policy, with the line that stands for it in plots.
    init(policy: String, _ cells: [String]) {
        heading = "<span class=\"policy\">\(SeriesStyle(policy).swatch)\(policy)</span>"
        self.cells = cells.map { "\($0)" }
    }

    init(_ heading: String, _ cells: [String]) {
        self.heading = "\(heading)"
        self.cells = cells.map { "\($0)" }
    }
}
