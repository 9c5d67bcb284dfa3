import Testing

@testable import QPWCommand

@Suite("The cycle counter as a clock")
struct CycleClockTests {
    @Test("Converts there and back")
    func conversion() {
        let clock = CycleClock(cyclesPerNanosecond: 2.5)
        #expect(clock.cycles(.microseconds(1)) == 2500)
        #expect(clock.nanoseconds(2500) == 1000)
        #expect(clock.seconds(2_500_000_000) == 1)
    }

    @Test("A time that went backwards between CPUs is none")
    func backwards() {
        #expect(CycleClock.elapsed(from: 10, to: 7) == 0)
    }

    @Test("Is calibrated to something that runs")
    func calibration() {
        #expect(CycleClock.calibrated.cyclesPerNanosecond > 0)
    }
}
