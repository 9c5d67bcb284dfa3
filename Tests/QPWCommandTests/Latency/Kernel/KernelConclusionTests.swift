#if os(Linux) && !QPW_PORTABLE
import Testing

@testable import QPWCommand

@Suite("What a run of --kernel says in the end")
struct KernelConclusionTests {
    private func result(
        _ name: String, _ side: KernelSubject.Side, switches: Double = 0, culprits: [(String, Int)] = []
    ) -> KernelReport.Result {
        KernelReport.Result(
            name: name, side: side, calls: 10, stalled: 0, switches: Int(switches * 10),
            switchesPerCall: switches, awayp50ns: 17_000, awayp99ns: 40_000, awaymaxns: 50_000,
            kernelWorkp50ns: 15_000, kernelWorkmaxns: 16_000,
            gapp50ns: 20_000, gapmaxns: 60_000, waitp50ns: 900_000_000, waitp99ns: 950_000_000,
            waitmaxns: 950_000_000, culprits: culprits.map { KernelReport.Culprit(name: $0.0, calls: $0.1) })
    }

    private func phase(_ priority: Int?, _ results: KernelReport.Result...) -> KernelReport.Phase {
        KernelReport.Phase(
            owner: priority == nil ? "ordinary" : "fifo", priority: priority, seconds: 1, results: results)
    }

    @Test("A drain on the owner's CPU is named, with the time and the calls")
    func disturbed() {
        let drains = [("lru_add_drain_per_cpu", 9), ("vmstat_update", 10)]
        let text = KernelConclusion([
            phase(
                nil, result("move_pages(2)", .kernel, switches: 1, culprits: drains),
                result("PageLRU, lock", .library), result("idle", .idle)),
            phase(1, result("move_pages(2)", .kernel, switches: 1, culprits: drains)),
        ]).text
        #expect(text.contains("in 9 of 10 calls of move_pages(2) a drain took the owner's CPU, for 15.0 µs"))
        #expect(text.contains("PageLRU, lock 0.000"))
        #expect(text.contains("900 ms (median; 950 ms at most)"))
        #expect(!text.contains("idle"))
    }

    @Test("A kernel that drains without the owner's CPU is said to be quiet")
    func quiet() {
        let text = KernelConclusion([
            phase(nil, result("move_pages(2)", .kernel, switches: 1, culprits: [("vmstat_update", 10)]))
        ]).text
        #expect(text.hasPrefix("This kernel is quiet already: in 10 calls"))
    }

    @Test("Without a call there is no judgement")
    func nothing() {
        #expect(KernelConclusion([]).text.contains("nothing to say"))
    }
}
#endif
