import ArgumentParser
import Foundation
import Testing

@testable import QPWCommand

@Suite("Traces of requests")
struct KeyTraceTests {
    private func withFile<R>(_ bytes: [UInt8], _ body: (String) throws -> R) throws -> R {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file.path)
    }

    private func ratios(_ report: BenchReport) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: report.results.map { ($0.name, $0.median) })
    }

    @Test("Text has a key in each line", arguments: ["a\nb\na\nb\n", "a\r\nb\r\n\r\na\r\nb"])
    func text(content: String) throws {
        let trace = try withFile(Array(content.utf8)) { try KeyTrace(contentsOf: $0) }
        #expect(trace.keys == [0, 1, 0, 1])
        #expect(trace.keyCount == 2)
    }

    @Test("oracleGeneral has records of 24 bytes")
    func binary() throws {
        let keys: [UInt64] = [7, 1 << 40, 7, 9]
        let bytes = keys.flatMap { key -> [UInt8] in
            [1, 0, 0, 0] + withUnsafeBytes(of: key.littleEndian, Array.init) + [0, 16, 0, 0]
                + [UInt8](repeating: 0xff, count: 8)
        }
        let trace = try withFile(bytes) { try KeyTrace(contentsOf: $0) }
        #expect(trace.keys == [0, 1, 0, 2])
        #expect(trace.keyCount == 3)
    }

    @Test(
        "What is no trace is refused",
        arguments: [[], [10, 10], [1, 0, 2], [0x1f, 0x8b, 8], [0x28, 0xb5, 0x2f, 0xfd]])
    func refusals(bytes: [UInt8]) throws {
        try withFile(bytes) { path in
            _ = #expect(throws: ValidationError.self) { try KeyTrace(contentsOf: path) }
        }
    }

    @Test("The trace that comes with the command is found and whole")
    func database() throws {
        let trace = try #require(KeyTrace.database)
        #expect(trace.keys.count == 48_949)
        #expect(trace.keyCount == 2643)
        #expect(HitRatio.all.contains { $0.name == "database" })
    }

    @Test("A loop is where exact LRU finds nothing and the cache something")
    func loop() throws {
        let lines = (0..<12_000).map { "key \($0 % 120)" }.joined(separator: "\n")
        let trace = try withFile(Array(lines.utf8)) { try KeyTrace(contentsOf: $0) }
        let loop = ratios(trace.report(capacity: 100))
        #expect(loop["hitratio/trace/exactLRU"] == 0)
        #expect(try #require(loop["hitratio/trace"]) > 40)
        let roomy = ratios(trace.report(capacity: 1000))
        #expect(roomy == ["hitratio/trace": 99, "hitratio/trace/exactLRU": 99])
    }
}
