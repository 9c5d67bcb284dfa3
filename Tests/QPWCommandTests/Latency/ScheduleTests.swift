import Testing

@testable import QPWCommand

@Suite("Turns")
struct ScheduleTests {
    private let schedule = Schedule(contenders: 3, rounds: 4, end: 12_000, lead: 10, least: 100)

    @Test("Each round has every contender once, and begins with another")
    func rotation() {
        let rounds = (0..<4).map { round in (0..<3).map { schedule.contender(of: round * 3 + $0) } }
        for round in rounds { #expect(Set(round) == [0, 1, 2]) }
        #expect(rounds.map { $0[0] } == [0, 1, 2, 0])
    }

    @Test("The time that is left is shared, and the last turn ends in time")
    func sharing() {
        let first = schedule.turn(0, now: 0)
        #expect(first.begin == 10)
        #expect(first.end == 950)
        #expect(first.limit == 1000)
        #expect(schedule.turn(11, now: 11_900).limit == 12_000)
    }

    @Test("A turn for which no time is left has a little all the same")
    func late() {
        let turn = schedule.turn(11, now: 13_000)
        #expect(turn.begin == 13_010)
        #expect(turn.end == 13_095)
    }
}
