import ArgumentParser
import Foundation
import QPW
import Testing

@testable import QPWCommand

/// Signal handlers are the process's, so one run at a time.
@Suite("Short runs of qpw torture", .serialized)
struct TortureRunTests {
    /// Not on the thread of the test, which is one of the few that run tasks: the torture flushes in tasks, too, and waits.
    private func run(_ arguments: String...) async throws -> TortureRun.Outcome {
        let settings = try TortureCommand.parse(arguments + ["--no-hotplug"]).settings(on: .system)
        return try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try TortureRun(settings).torture() }) }.start()
        }
    }

    @Test("Two seconds of everything find nothing, and say so")
    func everything() async throws {
        let outcome = try await run("--seconds", "2", "--seed", "11", "--patience", "60s")
        let report = TortureReport(outcome)
        #expect(report.verdict == .clean, "\(report.text)")
        let document = try parsed(
            JSONDocument(schema: "qpw.torture/1", body: report).text(), schema: "qpw.torture/1")
        let results = try document.objects("results")
        #expect(results.count == outcome.settings.cases.count)
        // Where others keep the CPUs busy, a turn of some 70 ms may be over before its threads have begun.
        let steps = try results.map { try $0.number("steps") }
        #expect(steps.reduce(0, +) > 0)
        #expect(try document.object("settings").number("seed") == 11)
        #expect(try document.text("verdict") == "clean")
        #expect(document["failure"] == nil)
    }

    /// Those that a claim's fence is about need the policy of that name.
    private static let catchable: [Defect] = Defect.allCases.filter { $0.missing(under: $0.policy) == nil }

    @Test(
        "Each defect is caught",
        .enabled(if: Topology.system.allowed.count > 1, "needs two CPUs: with one, threads seldom meet"),
        arguments: catchable)
    func defects(defect: Defect) async throws {
        let outcome = try await run("--busted", defect.rawValue, "--seconds", "60", "--patience", "2s")
        let report = TortureReport(outcome)
        #expect(report.verdict == .caught)
        let failure = try #require(report.failure)
        #expect(!failure.counts.isEmpty)
        #expect(failure.lastEvents.contains { !$0.events.isEmpty })
        #expect(report.text.contains("--seed \(failure.seed)"))
        #expect(report.text.contains(failure.breach))
    }

    @Test("Who waits for ever is named, with what it waits for")
    func stuck() async throws {
        let outcome = try await run("--busted", "lostWakeup", "--seconds", "60", "--patience", "1s")
        let failure = try #require(outcome.failure)
        #expect(failure.breach == Breach.stuck.text)
        let account = try #require(failure.explanations.first)
        #expect(account.contains("flusher") && account.contains("were queued"), "\(account)")
    }

    @Test("A turn has the seed that repeats it")
    func seeds() async throws {
        let outcome = try await run("--busted", "noExclusion", "--seed", "5", "--seconds", "60")
        #expect(outcome.failure?.seed == 5)
    }
}
