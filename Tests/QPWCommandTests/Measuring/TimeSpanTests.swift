import Testing

@testable import QPWCommand

@Suite("Times on the command line")
struct TimeSpanTests {
    @Test(
        "Units",
        arguments: [
            ("100us", Duration.microseconds(100)), ("250ms", .milliseconds(250)), ("2s", .seconds(2)),
            ("18", .seconds(18)), ("0", .zero),
        ])
    func units(text: String, expected: Duration) {
        #expect(TimeSpan(argument: text)?.duration == expected)
    }

    @Test("What is no time", arguments: ["", "s", "-1s", "1h", "nan", "inf", "1e9s", "two"])
    func nonsense(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test("Defaults are shown as one would type them")
    func defaults() {
        #expect(TimeSpan(.microseconds(100)).defaultValueDescription == "100us")
        #expect(TimeSpan(.seconds(18)).defaultValueDescription == "18s")
    }
}
