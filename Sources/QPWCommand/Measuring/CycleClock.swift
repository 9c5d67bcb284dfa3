import CQPW
import QPW

/// The cycle counter as a clock: a reading costs a third of a call of the system's.
struct CycleClock: Sendable {
    let cyclesPerNanosecond: Double

    /// Compared with the system's clock once, for 20 ms.
    static let calibrated = CycleClock(cyclesPerNanosecond: measuredRate())

    @inline(__always)
    static func now() -> UInt64 {
        #if arch(x86_64) || arch(arm64)
        qpw_cycles()
        #else
        UInt64(MonotonicClock.now())
        #endif
    }

    /// Zero if `end` comes first, as it may by a few cycles where it was read on another CPU.
    @inline(__always)
    static func elapsed(from begin: UInt64, to end: UInt64) -> UInt64 { end > begin ? end - begin : 0 }

    func nanoseconds(_ cycles: UInt64) -> UInt64 { UInt64(Double(cycles) / cyclesPerNanosecond) }

    func seconds(_ cycles: UInt64) -> Double { Double(cycles) / cyclesPerNanosecond / 1e9 }

    func cycles(_ time: Duration) -> UInt64 { UInt64(Double(max(0, time.nanoseconds)) * cyclesPerNanosecond) }

    private static func measuredRate() -> Double {
        let first = simultaneousReading()
        System.sleep(nanoseconds: 20_000_000)
        let second = simultaneousReading()
        return Double(elapsed(from: first.cycles, to: second.cycles))
            / Double(second.nanoseconds - first.nanoseconds)
    }

    /// Of several, the pair of readings that nothing came between.
    private static func simultaneousReading() -> (cycles: UInt64, nanoseconds: Int64) {
        let readings = (0..<16).map { _ in
            let before = now()
            let nanoseconds = MonotonicClock.now()
            return (before: before, nanoseconds: nanoseconds, width: elapsed(from: before, to: now()))
        }
        let best = readings.min { $0.width < $1.width } ?? readings[0]
        return (best.before + best.width / 2, best.nanoseconds)
    }
}
