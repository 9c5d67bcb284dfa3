import Testing

@testable import QPWCommand

@Suite("Rounds")
struct SummaryTests {
    @Test("Least, middle and greatest")
    func odd() {
        let summary = Summary(of: [3, 1, 2])
        #expect(summary == Summary(of: [1, 2, 3]))
        #expect((summary.min, summary.median, summary.max) == (1, 2, 3))
        #expect(summary.count == 3)
    }

    @Test("The middle of an even number is between two")
    func even() {
        #expect(Summary(of: [4, 1, 2, 3]).median == 2.5)
    }

    @Test("Of nothing, zeros")
    func empty() {
        #expect(Summary(of: []).median == 0)
    }
}
