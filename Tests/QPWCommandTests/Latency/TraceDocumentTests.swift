import Foundation
import QPW
import Testing

@testable import QPWCommand

private let hasTwoCPUs = Topology.system.allowed.count > 1

@Suite("The trace of a run", .serialized, .enabled(if: hasTwoCPUs, "needs two CPUs"))
struct TraceDocumentTests {
    private let events: [JSONObject]
    private let document: JSONObject

    /// Through the command itself: what is in the file is what counts.
    init() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let code = CommandLineRun.exitCode(for: [
            "latency", "--policy", "queue", "--policy", "lock", "--duration", "1500ms", "--trace", path,
        ])
        #expect(code == 0)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("{\"schema\":\"qpw.trace/1\","))
        document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? JSONObject)
        events = try document.objects("traceEvents")
    }

    private func complete(_ category: String) throws -> [JSONObject] {
        try events.filter { try $0.text("ph") == "X" && $0.text("cat") == category }
    }

    @Test("Threads have names, events the format's keys, and drains and turns are all there")
    func shape() throws {
        let names = try events.filter { try $0.text("ph") == "M" && $0.text("name") == "thread_name" }
        let threads = try names.map { try $0.object("args").text("name") }
        #expect(threads.count == 2)
        #expect(threads[0].hasPrefix("owner, CPU "))
        #expect(threads[1].hasPrefix("housekeeper, CPU "))
        for event in events {
            #expect(try event.number("pid") == 1)
            guard try event.text("ph") == "X" else { continue }
            #expect(try event.number("ts") >= 0)
            #expect(try event.number("dur") >= 0)
        }
        // On a busy machine the owner may have more gaps than there is room for.
        #expect(try document.object("otherData").number("lostSpans") >= 0)
        #expect(try document.text("displayTimeUnit") == "ns")
        for policy in ["queue", "lock"] {
            #expect(try complete("drain").contains { try $0.object("args").text("policy") == policy })
            #expect(try complete("turn").contains { try $0.text("name") == policy })
        }
        #expect(try complete("turn").contains { try $0.text("name") == "idle" })
        #expect(try complete("drain").allSatisfy { try $0.object("args").text("policy") != "idle" })
    }

    @Test("Everything lies within a turn of its policy on its thread, and nothing across another")
    func nesting() throws {
        struct Piece {
            var begin: Double, end: Double
            init(_ event: JSONObject) throws {
                begin = try event.number("ts")
                end = begin + (try event.number("dur"))
            }
        }
        // Less than the nanosecond to which the document is exact.
        let grain = 0.0005
        for track in [1.0, 2.0] {
            let turns = try complete("turn").filter { try $0.number("tid") == track }
            let inner = try events.filter {
                try $0.text("ph") == "X" && $0.text("cat") != "turn" && $0.number("tid") == track
            }
            for event in inner {
                let piece = try Piece(event)
                let policy = try event.object("args").text("policy")
                let isInside = try turns.contains { turn in
                    let outer = try Piece(turn)
                    return try turn.text("name") == policy && outer.begin - grain <= piece.begin
                        && piece.end <= outer.end + grain
                }
                #expect(isInside)
            }
            let pieces = try inner.map(Piece.init).sorted { $0.begin < $1.begin }
            for (one, next) in zip(pieces, pieces.dropFirst()) { #expect(one.end <= next.begin + grain) }
        }
    }
}
