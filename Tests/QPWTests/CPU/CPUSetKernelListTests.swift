import QPW
import QPWTestSupport
import Testing

@Suite struct CPUSetKernelListTests {
    @Test(
        arguments: [
            ("", []), ("\n", []), (" \n", []),
            ("0", [0]), ("0\n", [0]), ("007", [7]), ("65535", [65_535]),
            ("0-3,8,10-12\n", [0, 1, 2, 3, 8, 10, 11, 12]),
            ("5-5", [5]), ("3,1,2,2-3", [1, 2, 3]), ("62-65", [62, 63, 64, 65]),
            ("0-15:2/4", [0, 1, 4, 5, 8, 9, 12, 13]),
            ("9-20:4/10", [9, 10, 11, 12, 19, 20]),
            ("0-3:1/1", [0, 1, 2, 3]), ("0-3:0/2", []), ("0-2:2/4000000000", [0, 1]),
            ("0, 2\t,,4,", [0, 2, 4]), ("1\n3\n", [1, 3]),
        ] as [(String, [Int])])
    func reads(text: String, ids: [Int]) throws {
        let set = try CPUSet(kernelList: text)
        #expect(set.map(\.id) == ids)
        #expect(set == CPUSet(ids.map { CPU($0) }), "the words are not canonical")
    }

    @Test(
        arguments: [
            ("x", .malformed("x")), ("-1", .malformed("-1")), ("3-", .malformed("3-")),
            ("-", .malformed("-")),
            ("0-3-5", .malformed("0-3-5")), ("0x3", .malformed("0x3")), ("+1", .malformed("+1")),
            ("1.5", .malformed("1.5")), ("3:1/2", .malformed("3:1/2")), ("0-3:", .malformed("0-3:")),
            ("0-3:1", .malformed("0-3:1")), ("0-3:1/", .malformed("0-3:1/")),
            ("0-3:/2", .malformed("0-3:/2")), ("0-3:1/2/3", .malformed("0-3:1/2/3")),
            ("(null)", .malformed("(null)")), ("all", .malformed("all")), ("0-N", .malformed("0-N")),
            ("٣", .malformed("٣")), ("1\u{0}", .malformed("1\u{0}")),
            ("0-1,3;4,9", .malformed("3;4")),
            ("3-0", .reversed("3-0")), ("0,9-8,1", .reversed("9-8")),
            ("65536", .outOfRange("65536")), ("0-65536", .outOfRange("0-65536")),
            ("99999999999999999999999999", .outOfRange("99999999999999999999999999")),
            ("0-3:1/0", .badStride("0-3:1/0")), ("0-15:5/4", .badStride("0-15:5/4")),
        ] as [(String, CPUSetError)])
    func refuses(text: String, error: CPUSetError) {
        #expect(throws: error) { try CPUSet(kernelList: text) }
    }

    @Test(
        arguments: [
            (.malformed("3;4"), "\"3;4\" is not a CPU list item; write 3, 0-3 or 0-15:2/4"),
            (.reversed("9-8"), "\"9-8\" is a reversed range; write the lower CPU id first"),
            (.outOfRange("70000"), "\"70000\" has a CPU id above 65535"),
            (
                .badStride("0-3:3/2"),
                "\"0-3:3/2\" uses more than its group; write :used/group with used at most group"
            ),
            (.malformed("\u{0}"), "\"\\0\" is not a CPU list item; write 3, 0-3 or 0-15:2/4"),
        ] as [(CPUSetError, String)])
    func errorsQuoteTheText(error: CPUSetError, line: String) {
        #expect(error.description == line)
    }

    @Test func quotesOnlyTheBeginningOfLongGarbage() {
        let garbage = String(repeating: "x", count: 100_000)
        #expect(throws: CPUSetError.malformed(String(repeating: "x", count: 64))) {
            try CPUSet(kernelList: garbage)
        }
    }

    @Test(
        arguments: [
            ([], ""), ([0], "0"), ([0, 1], "0-1"), ([0, 1, 2, 3, 8, 10, 11, 12], "0-3,8,10-12"),
            ([63, 64], "63-64"), ([65_535], "65535"),
        ] as [(CPUSet, String)])
    func prints(set: CPUSet, text: String) {
        #expect(set.description == text)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func readsWhatItPrints(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let set = CPUSet(random.ids().map { CPU($0) })
        #expect(try CPUSet(kernelList: set.description) == set)
    }
}
