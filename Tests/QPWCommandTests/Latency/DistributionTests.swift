import Testing

@testable import QPWCommand

@Suite("Distributions")
struct DistributionTests {
    @Test("Of nothing, everything is zero")
    func empty() {
        let distribution = Distribution()
        #expect(distribution.percentile(99) == 0)
        #expect(distribution.greatest == 0)
        #expect(distribution.mean == 0)
    }

    @Test("No percentile exceeds the greatest")
    func percentiles() {
        var distribution = Distribution()
        for value in 1...1000 as ClosedRange<UInt64> { distribution.record(value * 1001) }
        #expect(distribution.greatest == 1_001_000)
        #expect(distribution.percentile(100) == 1_001_000)
        #expect((495_000...510_000).contains(distribution.percentile(50)))
    }

    @Test("What is longer than a minute is counted, and kept as the greatest")
    func long() {
        var distribution = Distribution()
        distribution.record(.max)
        #expect(distribution.count == 1)
        #expect(distribution.greatest == .max)
    }
}
