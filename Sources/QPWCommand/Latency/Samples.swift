/// What the owner saw of itself while one contender had its turns.
struct OwnerSamples: Sendable {
    var gaps = Distribution()
    var touches = Distribution()
    var gapsOver10us: UInt64 = 0
    var slowTouches: UInt64 = 0
    var usage = ThreadUsage()
    var cycles: UInt64 = 0
    var turns: [Span] = []
    var gapLog: SpanLog
    /// Of touches that took more than a microsecond.
    var touchLog: SpanLog

    init(keeping capacity: Int = 0) {
        gapLog = SpanLog(capacity: capacity)
        touchLog = SpanLog(capacity: capacity)
    }

    @inline(__always)
    mutating func recordGap(_ nanoseconds: UInt64, from begin: UInt64, to end: UInt64) {
        gaps.record(nanoseconds)
        if nanoseconds > 10_000 { gapsOver10us += 1 }
        gapLog.record(from: begin, to: end)
    }

    @inline(__always)
    mutating func recordTouch(_ nanoseconds: UInt64, from begin: UInt64, to end: UInt64) {
        touches.record(nanoseconds)
        guard nanoseconds > 1_000 else { return }
        slowTouches += 1
        touchLog.record(from: begin, to: end)
    }
}

/// What the housekeeper saw of its drains.
struct DrainSamples: Sendable {
    /// From when each was due. Those that were given up or never begun count with the time that they had
    /// waited.
    var latencies = Distribution()
    /// From when each was begun.
    var services = Distribution()
    var done: UInt64 = 0
    var stalled: UInt64 = 0
    /// Due in a turn that was over before they could be begun.
    var abandoned: UInt64 = 0
    var turns: [Span] = []
    var log: SpanLog

    init(keeping capacity: Int = 0) {
        log = SpanLog(capacity: capacity)
    }
}
