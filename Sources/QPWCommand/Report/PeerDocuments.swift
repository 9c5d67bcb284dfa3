import ArgumentParser
import Foundation

/// What `Benchmarks/peers/run --keep` and `Benchmarks/peers/caches --keep` left in a directory, or both of them.
struct PeerDocuments {
    struct Row: Decodable {
        var name: String
        var threads: Int
        var unit: String
        var median: Double
    }

    struct Document {
        /// What its file's name begins with: a program, or what several were asked to do.
        var subject: String
        var rows: [Row]
    }

    private struct Content: Decodable {
        var results: [Row]
    }

    let all: [Document]
    /// Where they were measured; nil if nobody noted it.
    let cyclesPerNanosecond: Double?

    /// Fails before anything is measured if there is nothing to be had from there.
    init(directory: String) throws {
        let url = URL(fileURLWithPath: directory, isDirectory: true)
        let files = try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        all = try (files ?? []).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.map {
            try Self.document($0)
        }
        let cycles = try? String(contentsOf: url.appendingPathComponent("cycles"), encoding: .utf8)
        cyclesPerNanosecond = cycles.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        guard allocators != nil || caches != nil else {
            throw ValidationError(
                "--peers \(directory): no documents of `Benchmarks/peers/run --keep`, nor of "
                    + "`Benchmarks/peers/caches --keep`, there.")
        }
    }

    private static func document(_ file: URL) throws -> Document {
        do {
            let content = try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
            return Document(
                subject: String(file.lastPathComponent.prefix { $0 != "." }), rows: content.results)
        } catch {
            throw ValidationError("--peers: \(file.path) is no document of a benchmark.")
        }
    }

    var allocators: PeerFigures? { PeerFigures(self) }
    var caches: CacheFigures? { CacheFigures(self) }
}
