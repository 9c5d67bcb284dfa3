import ArgumentParser
import QPW
import Testing

@testable import QPWCommand

@Suite("Short runs of qpw bench", .serialized)
struct BenchRunTests {
    private func report(_ suite: Suite, keeping filter: String = "") throws -> BenchReport {
        var settings = try BenchCommand.parse(["--quick", "--rounds", "1"]).settings(on: .system)
        settings.round = .milliseconds(1)
        // A million objects take a debug build its time, under each policy.
        let subjects = suite.subjects(settings)
            .filter { filter.isEmpty || $0.name.contains(filter) }
            .filter { !$0.name.contains("1M") || $0.name.hasSuffix("/queue") }
        return BenchReport(results: RoundRobin(subjects, settings).measure(), notes: settings.notes([suite]))
    }

    @Test("Every subject has figures", arguments: Suite.allCases)
    func figures(suite: Suite) throws {
        for result in try report(suite).results {
            #expect(result.rounds == 1)
            // Exact LRU finds nothing in a loop.
            #expect(result.min > 0 || result.name == "hitratio/loop/exactLRU", "\(result.name)")
            #expect(result.min <= result.median)
            #expect(result.median <= result.max)
        }
    }

    @Test(
        "Objects have a row for each workload, policy and number of threads, and so has the unlocked baseline"
    )
    func objectRows() throws {
        let settings = try BenchCommand.parse(["--policy", "queue"]).settings(on: .system)
        let rows = ObjectSuite(settings).subjects.map { "\($0.name) \($0.threads)" }
        #expect(Set(rows).count == rows.count)
        for workload in ["pair64", "batch100", "batch10k", "batch1M", "kmalloc1M"] {
            for policy in ["queue", "none"] { #expect(rows.contains("\(workload)/\(policy) 1")) }
        }
        for name in ["prefilled/queue", "rcufree/queue", "rcu/read", "rcu/call", "rcu/synchronize"] {
            #expect(rows.contains("\(name) 1"))
        }
        #expect(rows.contains("pair64/isolated.remote 1") && rows.contains("pair64/isolated.bypass 1"))
        guard settings.place.second != nil else { return }
        #expect(rows.contains("pair64/queue 2") && rows.contains("cross/queue 2"))
    }

    @Test("A soak sends its objects, and gives their memory back")
    func soak() throws {
        let settings = try BenchCommand.parse(["--policy", "queue"]).settings(on: .system)
        let results = Soak.results(of: 100_000, settings)
        #expect(results.contains { $0.name == "soak/rcu/call/pending" })
        guard settings.place.second != nil else { return }
        #expect(results.contains { $0.name == "soak/cross/queue/peak" && $0.unit == "KiB" })
    }

    @Test("Objects that cross arrive once each, in order")
    func ring() throws {
        let ring = ObjectRing()
        let count = ObjectRing.capacity * 8
        let sender = try MeasuringThread {
            var next = 0
            ring.send(count) {
                next += 1
                return UnsafeMutableRawPointer(bitPattern: next).unsafelyUnwrapped
            }
        }
        var seen: [Int] = []
        ring.receive(count) { seen.append(Int(bitPattern: $0)) }
        sender.join()
        #expect(seen == Array(1...count))
    }

    @Test("The document has the shape that was promised")
    func document() throws {
        let body = try report(.lock, keeping: "withLocal/queue")
        let document = try parsed(
            JSONDocument(schema: "qpw.bench/1", body: body).text(), schema: "qpw.bench/1")
        let result = try #require(try document.objects("results").first)
        #expect(
            Set(result.keys) == ["suite", "name", "threads", "unit", "min", "median", "max", "rounds"])
        #expect(try result.text("suite") == "lock")
        #expect(try result.text("unit") == "cycles")
    }
}
