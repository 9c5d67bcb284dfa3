import Foundation
import Testing

@testable import QPWCommand

@Suite("Files that appear whole or not at all")
struct OutputFileTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
    }

    @Test("Nothing is there until it is written, and then nothing else")
    func wholeOrNot() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = try OutputFile(path("a"), for: "--trace")
        #expect(try names == [])
        try file.write("one")
        try file.write("two")
        #expect(try names == ["a"])
        #expect(try String(contentsOfFile: path("a"), encoding: .utf8) == "two")
    }

    @Test("A link stays a link: what it leads to is replaced")
    func link() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try "old".write(toFile: path("target"), atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            atPath: path("link"), withDestinationPath: path("target"))
        try OutputFile(path("link"), for: "--trace").write("new")
        #expect(try names == ["link", "target"])
        #expect(try String(contentsOfFile: path("target"), encoding: .utf8) == "new")
    }

    @Test("What cannot be written is refused before, and a failure leaves what was there")
    func refusals() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        #expect(throws: (any Error).self) { try OutputFile(directory.path, for: "--trace") }
        #expect(throws: (any Error).self) { try OutputFile(path("none/a"), for: "--trace") }
        let file = try OutputFile(path("a"), for: "--trace")
        // The place is taken by what a rename cannot replace.
        try FileManager.default.createDirectory(atPath: path("a"), withIntermediateDirectories: false)
        #expect(throws: (any Error).self) { try file.write("one") }
        #expect(try names == ["a"])
    }
}
