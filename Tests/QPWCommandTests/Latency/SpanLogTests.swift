import Testing

@testable import QPWCommand

@Suite("Logs of spans")
struct SpanLogTests {
    @Test("What has no room is counted, and nothing that came before is lost")
    func room() {
        var log = SpanLog(capacity: 2)
        for time in 0..<5 as Range<UInt64> { log.record(from: time, to: time + 1) }
        #expect(Array(log.spans) == [Span(begin: 0, end: 1), Span(begin: 1, end: 2)])
        #expect(log.lost == 3)
    }

    @Test("A log of nothing loses nothing")
    func none() {
        var log = SpanLog()
        log.record(from: 0, to: 1)
        #expect(log.spans.isEmpty)
        #expect(log.lost == 0)
    }

    @Test("Only a run that keeps spans has room for them, and never without bound")
    func capacity() {
        #expect(Keeping.distributions.capacity(seconds: 1000, drainsPerSecond: 1000) == 0)
        #expect(Keeping.spans.capacity(seconds: 1, drainsPerSecond: 1000) >= 2000)
        #expect(Keeping.spans.capacity(seconds: 86_400, drainsPerSecond: 100_000) <= 1 << 17)
    }
}
