import Testing

@testable import QPWCommand

@Suite("Scales")
struct ScaleTests {
    @Test("Times span whole decades around what there is, and a tenfold is always the same way")
    func decades() {
        let scale = LogScale(covering: [2_000, 3_500_000], from: 300, to: 0)
        #expect(scale.decades == 3...7)
        #expect(scale.position(1_000) == 300)
        #expect(scale.position(10_000_000) == 0)
        let steps = [1_000, 10_000, 100_000, 1_000_000].map { scale.position($0) }
        for (one, next) in zip(steps, steps.dropFirst()) { #expect(abs(one - next - 75) < 1e-9) }
        #expect(scale.ticks.map(\.label) == ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms"])
    }

    @Test(
        "Nothing, zeros and one value only still make a scale",
        arguments: [[], [0], [1], [1000], [0, 0, 5]] as [[UInt64]])
    func degenerate(values: [UInt64]) {
        let scale = LogScale(covering: values, from: 100, to: 0)
        #expect(scale.decades.count > 1)
        for value in values { #expect((0...100).contains(scale.position(value))) }
        #expect(scale.position(.max) == 0)
        #expect(scale.position(0) == 100)
    }

    @Test("Nines are equally far apart, as many as the samples have something to say about")
    func nines() {
        let scale = PercentileScale(counts: [10, 1_000], from: 0, to: 300)
        #expect(scale.ticks.map(\.label) == ["0 %", "90 %", "99 %", "99.9 %"])
        for (index, tick) in scale.ticks.enumerated() {
            #expect(abs(tick.position - Double(index) * 100) < 1e-9)
        }
        #expect(abs(scale.position(percentile: 99, count: 1_000) - 200) < 1e-9)
    }

    @Test("The greatest lies where its rank puts it, however few there are")
    func greatest() {
        let scale = PercentileScale(counts: [10, 1_000], from: 0, to: 300)
        #expect(abs(scale.position(percentile: 100, count: 10) - 100) < 1e-9)
        #expect(abs(scale.position(percentile: 100, count: 1_000) - 300) < 1e-9)
        #expect(PercentileScale(counts: [], from: 0, to: 300).position(percentile: 100, count: 0) == 0)
    }

    @Test("A percentile of so many nines is that one")
    func percentiles() {
        #expect(PercentileScale.percentile(nines: 0) == 0)
        #expect(abs(PercentileScale.percentile(nines: 1) - 90) < 1e-9)
        #expect(abs(PercentileScale.percentile(nines: 3) - 99.9) < 1e-9)
    }
}
