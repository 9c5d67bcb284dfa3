/// Rows of cells under headings, in columns as wide as they need to be; names come first, to the left.
struct TextTable {
    private var rows: [[String]]
    private let names: Int

    /// The first `names` columns hold words, the others figures.
    init(headings: [String], names: Int = 1) {
        rows = [headings]
        self.names = names
    }

    mutating func append(_ row: [String]) {
        rows.append(row)
    }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in line(row, widths) + "\n" }.joined()
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        row.indices.map { column in
            let padding = String(repeating: " ", count: widths[column] - row[column].count)
            return column < names ? row[column] + padding : padding + row[column]
        }.joined(separator: "  ")
    }
}
