import Testing

@testable import QPWCommand

@Suite("The conclusion")
struct ConclusionTests {
    private func result(
        _ policy: String, switches: Double, median: UInt64, stalled: UInt64 = 0
    ) -> LatencyReport.Result {
        let owner = LatencyReport.Owner(OwnerSamples())
        let drain = LatencyReport.Drain(
            count: 1000, stalled: stalled, abandoned: 0, meanns: Double(median), p50ns: median, p99ns: median,
            maxns: median, servicemeanns: Double(median), servicep50ns: median, longestHoldns: 0,
            switchesPerDrain: switches)
        return LatencyReport.Result(policy: policy, inForce: nil, seconds: 1, owner: owner, drain: drain)
    }

    @Test("Says who disturbs, how much less the others do, and what a drain takes")
    func sentence() {
        let text = Conclusion([
            result("lock", switches: 0.002, median: 100), result("queue", switches: 1, median: 39_000),
        ]).text
        #expect(
            text == "Housekeeping by queue takes the owner off its CPU 1.00 times a drain, by lock 0.002; "
                + "the median drain by lock takes 100 ns, by queue 390 times as long.")
    }

    @Test("Names what stalled")
    func stalls() {
        let text = Conclusion([result("queue", switches: 0, median: 1, stalled: 3)]).text
        #expect(text.hasSuffix("; drains that stalled: 3 by queue."))
    }

    @Test("Says so where nothing was drained")
    func nothing() {
        #expect(Conclusion([]).text.hasPrefix("No drain was done"))
    }
}
