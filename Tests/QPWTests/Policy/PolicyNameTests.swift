import QPWTestSupport
import Testing

@testable import QPW

@Suite struct PolicyNameTests {
    @Test(arguments: everyPolicy)
    func namesRoundTrip(policy: QPWPolicy) {
        #expect(QPWPolicy(policy.description) == policy)
        #expect(policy.description.hasPrefix(policy.name))
    }

    @Test func kernelSpellings() {
        #expect(QPWPolicy("0") == .queue)
        #if QPW
        #expect(QPWPolicy("1") == .lock)
        #else
        #expect(QPWPolicy("1") == nil)
        #expect(QPWPolicy("lock") == nil)
        #endif
    }

    @Test(arguments: ["", "2", "Queue", "queue ", "deferred(", "deferred()", "deferred(5)", "deferred(-1ms)"])
    func othersAreNone(text: String) {
        #expect(QPWPolicy(text) == nil)
    }

    #if QPW
    static let deadlines: [(String, QPWPolicy)] = [
        ("deferred", .deferred(escalateAfter: .milliseconds(10))),
        ("deferred(never)", .deferred(escalateAfter: nil)),
        ("deferred(0ns)", .deferred(escalateAfter: .zero)),
        ("deferred(250us)", .deferred(escalateAfter: .microseconds(250))),
        ("deferred(7ms)", .deferred(escalateAfter: .milliseconds(7))),
        ("deferred(2s)", .deferred(escalateAfter: .seconds(2))),
    ]

    @Test(arguments: deadlines)
    func deadlinesHaveUnits(text: String, policy: QPWPolicy) {
        #expect(QPWPolicy(text) == policy)
        #expect(policy.name == "deferred")
        #expect(QPWPolicy(policy.description) == policy)
    }

    @Test(arguments: ["deferred(9223372036854775807s)", "deferred(99999999999999999999ns)"])
    func aDeadlineThatOverflowsIsNone(text: String) {
        #expect(QPWPolicy(text) == nil)
    }
    #endif
}
