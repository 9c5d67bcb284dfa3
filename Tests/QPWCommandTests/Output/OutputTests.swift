import Testing

@testable import QPWCommand

@Suite("Output")
struct OutputTests {
    @Test("A document begins with its schema, and orders its other keys")
    func document() throws {
        struct Body: Encodable {
            var zebra = 1
            var ant = "a/b"
        }
        let text = try JSONDocument(schema: "test/1", body: Body()).text()
        #expect(text == "{\n  \"schema\" : \"test/1\",\n  \"ant\" : \"a/b\",\n  \"zebra\" : 1\n}\n")
    }

    @Test("Columns are as wide as they need to be")
    func table() {
        var table = TextTable(headings: ["name", "n"])
        table.append(["a", "1000"])
        #expect(table.text == "name     n\na     1000\n")
    }

    @Test(
        "Times have three digits and a unit",
        arguments: [
            (0.0, "0 ns"), (70.4, "70.4 ns"), (999.6, "1.00 µs"), (38_900, "38.9 µs"), (2_000_000, "2.00 ms"),
            (1.5e9, "1.50 s"),
        ])
    func times(nanoseconds: Double, expected: String) {
        #expect(Figures.time(nanoseconds: nanoseconds) == expected)
    }

    @Test("Small ratios keep a third place")
    func ratios() {
        #expect(Figures.ratio(0.0114) == "0.011")
        #expect(Figures.ratio(1.149) == "1.15")
    }
}
