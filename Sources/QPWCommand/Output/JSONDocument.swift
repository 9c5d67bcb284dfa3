import Foundation

/// What `--json` prints: one object whose first key is `schema`, the others in alphabetical order.
struct JSONDocument<Body: Encodable> {
    let schema: String
    let body: Body

    // The encoder orders all keys or none, and the schema is what a reader looks for first.

    func text() throws -> String {
        "{\n  \"schema\" : \"\(schema)\"," + (try encoded(.prettyPrinted)).dropFirst() + "\n"
    }

    /// On one line: for files that only programs read.
    func compactText() throws -> String {
        "{\"schema\":\"\(schema)\"," + (try encoded([])).dropFirst() + "\n"
    }

    private func encoded(_ layout: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = layout.union([.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: try encoder.encode(body), as: UTF8.self)
    }
}
