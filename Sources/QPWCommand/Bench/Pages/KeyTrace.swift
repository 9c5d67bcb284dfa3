import ArgumentParser
import Foundation
import QPWPages

/// The requests of a real program, from a file: one key a line, or libCacheSim's oracleGeneral.
///
/// That is a sequence of records of 24 bytes, little-endian and unaligned: the time in 4, the key in 8, the object's size in 4,
/// and when it is wanted next in 8. A file with a zero byte in it is taken for one.
struct KeyTrace: Sendable {
    /// Numbers from 0 up in place of the keys.
    let keys: [Int]
    let keyCount: Int

    private static let recordBytes = 24
    private static let keyOffset = 4
    private static let newline = UInt8(ascii: "\n")

    init(contentsOf path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw ValidationError("--trace \(path): it cannot be read.")
        }
        guard !bytes.isEmpty else { throw ValidationError("--trace \(path): there are no requests in it.") }
        if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) || bytes.starts(with: [0x1f, 0x8b]) {
            throw ValidationError("--trace \(path): it is compressed; decompress it first.")
        }
        if bytes.contains(0) {
            guard bytes.count % Self.recordBytes == 0 else {
                throw ValidationError(
                    "--trace \(path): neither text nor oracleGeneral: \(bytes.count) bytes are no multiple of 24."
                )
            }
            (keys, keyCount) = Self.numbered(Self.records(bytes))
        } else {
            let lines = bytes.split(separator: Self.newline).map { $0.last == 13 ? $0.dropLast() : $0 }
            (keys, keyCount) = Self.numbered(lines.filter { !$0.isEmpty })
        }
        guard !keys.isEmpty else { throw ValidationError("--trace \(path): there are no requests in it.") }
    }

    private static func records(_ bytes: [UInt8]) -> [UInt64] {
        bytes.withUnsafeBytes { bytes in
            stride(from: keyOffset, to: bytes.count, by: recordBytes).map {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
            }
        }
    }

    private static func numbered<Key: Hashable>(_ keys: [Key]) -> ([Int], Int) {
        var numbers: [Key: Int] = [:]
        let numbered = keys.map { key in
            if let number = numbers[key] { return number }
            numbers[key] = numbers.count
            return numbers.count - 1
        }
        return (numbered, numbers.count)
    }

    /// What this package brings with it: the blocks that SQLite read as Benchmarks/traces/record asked it about Debian's
    /// packages. Nil where somebody has moved the command away from its files.
    static let database = try? KeyTrace(contentsOf: path(of: "database.keys"))

    /// Not by `Bundle.module`, which ends a program that does not find its files.
    private static func path(of name: String) -> String {
        Bundle.main.bundleURL.appendingPathComponent("qpw_QPWCommand.resources/Traces/\(name)").path
    }

    /// What share of the requests, from the first, a cache of so many entries has, and one with exact LRU.
    func report(capacity: Int) -> BenchReport {
        let requests = HitRatio(name: "trace", capacity: capacity, warmUp: 0) { [keys] in keys }
        let figures = [("trace", requests.ofCache()), ("trace/exactLRU", requests.ofExactLRU())]
        let results = figures.map { name, figure in
            BenchResult(
                Subject(suite: .pages, name: "hitratio/\(name)", threads: 1, unit: .percent) { figure },
                Summary(of: [figure]))
        }
        return BenchReport(
            results: results, notes: ["\(keys.count) requests of \(keyCount) keys, capacity \(capacity)"])
    }
}
