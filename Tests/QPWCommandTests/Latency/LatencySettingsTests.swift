import ArgumentParser
import QPW
import Testing

@testable import QPWCommand

@Suite("Settings of qpw latency")
struct LatencySettingsTests {
    private let topology = Topology(possible: [0, 1])

    private func settings(_ arguments: String...) throws -> LatencySettings {
        try LatencyCommand.parse(arguments).settings(on: topology)
    }

    @Test("By default every policy that is carried out here has several turns, in less than 20 seconds")
    func defaults() throws {
        let settings = try settings()
        #expect(settings.policies.filter { !$0.isCarriedOut }.isEmpty)
        #expect(!settings.policies.isEmpty)
        #expect(settings.rounds > 1)
        #expect(settings.duration <= .seconds(20))
    }

    @Test("A policy that is named twice is measured once")
    func repetitions() throws {
        #expect(try settings("--policy", "queue", "--policy", "0").policies.map(\.name) == ["queue"])
    }

    @Test("Under SCHED_FIFO a turn is long enough for a drain to stall")
    func fifo() throws {
        let settings = try settings("--fifo", "1")
        #expect(settings.stretch > settings.stall)
    }

    @Test("There is always a round")
    func short() throws {
        #expect(try settings("--duration", "100ms").rounds == 1)
    }
}
