import ArgumentParser
import Foundation
import QPW
import Testing

@testable import QPWCommand

private let hasTwoCPUs = Topology.system.allowed.count > 1

@Suite("Short runs of qpw latency", .serialized, .enabled(if: hasTwoCPUs, "needs two CPUs"))
struct LatencyRunTests {
    private func run(_ arguments: String...) throws -> LatencyRun.Outcome {
        try LatencyRun(LatencyCommand.parse(arguments).settings(on: .system)).measure()
    }

    @Test("The document has a result for each policy and one for idling, each with its figures")
    func document() throws {
        let outcome = try run("--duration", "5s", "--rate", "500")
        let document = try parsed(
            JSONDocument(schema: "qpw.latency/1", body: LatencyReport(outcome)).text(),
            schema: "qpw.latency/1")
        let results = try document.objects("results")
        #expect(try results.map { try $0.text("policy") } == outcome.contenders.map(\.label))
        for result in results { try check(result) }
        #expect(try results.last?.text("policy") == "idle")
        #expect(results.last?["drain"] == nil)
        #expect(try document.text("conclusion").hasSuffix("."))
    }

    private func check(_ result: JSONObject) throws {
        #expect(try result.number("seconds") > 0)
        let owner = try result.object("owner")
        #expect(try owner.number("touches") > 0)
        #expect(try owner.number("gapsOver10us") <= owner.number("gapsOver1us"))
        #expect(try owner.number("p99ns") <= owner.number("p999ns"))
        #expect(try owner.number("p999ns") <= owner.number("maxns"))
        #expect(try owner.number("touchp99ns") <= owner.number("touchmaxns"))
        #expect(try owner.number("voluntarySwitches") >= 0)
        #expect(try owner.number("involuntarySwitches") >= 0)
        guard result["drain"] != nil else { return }
        let drain = try result.object("drain")
        #expect(try drain.number("count") > 0)
        #expect(try drain.number("p50ns") <= drain.number("p99ns"))
        #expect(try drain.number("p99ns") <= drain.number("maxns"))
        #expect(try drain.number("stalled") >= 0)
    }

    @Test("An object cache is allocated from, and flushed, under each policy")
    func objects() throws {
        let outcome = try run("--workload", "objects", "--duration", "1s", "--rate", "500")
        for index in outcome.contenders.indices.dropLast() {
            #expect(outcome.owner.samples[index].touches.count > 0)
            #expect(outcome.housekeeper.samples[index].done > 0)
        }
        #expect(LatencyReport(outcome).settings.workload == "objects")
    }

    @Test("Load, a hold and a priority change nothing about the run's end")
    func hardship() throws {
        let begun = ContinuousClock.now
        let outcome = try run(
            "--duration", "1s", "--load", "2", "--hold", "20us", "--fifo", "1", "--stall", "500ms")
        #expect(ContinuousClock.now - begun < .seconds(10))
        #expect(outcome.housekeeper.samples.dropLast().allSatisfy { $0.latencies.count > 0 })
    }

    @Test("Drains that take longer than --stall are counted as stalled")
    func stalls() throws {
        let outcome = try run(
            "--duration", "500ms", "--policy", "queue", "--rate", "50", "--hold", "3ms", "--stall", "4ms")
        let samples = outcome.housekeeper.samples[0]
        #expect(samples.latencies.count >= samples.stalled)
        #expect(samples.latencies.greatest >= 3_000_000)
    }

    @Test("Percentile files are written for the owner's gaps and touches, and for drains")
    func percentileFiles() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = try PercentileFiles(directory: directory.path)
        try files.write(run("--duration", "200ms", "--policy", "queue"))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(
            names == [
                "idle-gap.hgrm", "idle-touch.hgrm", "queue-drain.hgrm", "queue-gap.hgrm", "queue-touch.hgrm",
            ])
        let text = try String(
            contentsOf: directory.appendingPathComponent("queue-drain.hgrm"), encoding: .utf8)
        #expect(text.contains("Percentile"))
        #expect(text.contains("#[Max"))
    }

    @Test("The table has a line for each policy")
    func table() throws {
        let text = LatencyReport(try run("--duration", "200ms", "--policy", "queue")).text
        #expect(text.contains("\nqueue "))
        #expect(text.contains("\nidle "))
    }
}
