import Testing

@testable import QPWCommand

@Suite("Targets")
struct TargetsTests {
    private func result(_ name: String, threads: Int = 1, _ figure: Double) -> BenchResult {
        let subject = Subject(suite: .lock, name: name, threads: threads, unit: .cycles) { figure }
        return BenchResult(subject, Summary(of: [figure]))
    }

    @Test("The owner's cost is compared with a bare compare-and-exchange")
    func ownerCost() throws {
        let targets = Targets([result("withLocal/queue", 2), result("bare/cas-store", 10)]).all
        let target = try #require(targets.first)
        #expect(targets.count == 1)
        #expect(target.value == 0.2)
        #expect(target.limit == 0.25)
        #expect(target.isMet)
    }

    @Test("Throughput falls as cost rises")
    func oversubscription() throws {
        let many = result("withLocal/queue", threads: LockSuite.manyThreads, 8)
        let target = try #require(Targets([result("withLocal/queue", 2), many]).all.first)
        #expect(target.value == 0.25)
        #expect(!target.isMet)
    }

    @Test("The scan is what each further CPU adds")
    func scan() throws {
        let scans = [result("scan/128", 10), result("scan/4096", 4)]
        let target = try #require(Targets(scans).all.first)
        #expect(abs(target.value - (4096.0 * 4 - 1280) / 3968) < 0.001)
    }

    @Test("A drain is compared without its scan")
    func drains() throws {
        let figures = [
            result("scan/128", 1), result("scan/4096", 1),
            result("drain/queue/128/1", 228), result("drain/queue/4096/1", 4296),
        ]
        let target = try #require(Targets(figures).all.first)
        #expect(target.value == 2)
    }

    @Test("An allocation's and a free's lock are compared with two bare ones, two threads with one")
    func objects() {
        let figures = [
            result("pair64/lock", 14), result("bare/two-cas-stores", 10),
            result("pair64/lock", threads: 2, 14),
        ]
        let targets = Targets(figures).all
        #expect(targets.map(\.value) == [1.4, 1])
        #expect(targets.map(\.isMet) == [false, true])
    }

    @Test("Grace periods have bounds of their own")
    func gracePeriods() {
        let targets = Targets([result("rcu/read", 8), result("rcu/synchronize", 200_000)]).all
        #expect(targets.map(\.isMet) == [true, false])
    }

    @Test("Figures that are missing yield no target")
    func missing() {
        #expect(Targets([result("Mutex", 20)]).all.isEmpty)
    }
}
