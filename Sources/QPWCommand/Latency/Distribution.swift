import Histogram

/// Times in nanoseconds, of up to a minute; longer ones count as a minute, but for the greatest.
struct Distribution: Sendable {
    private(set) var histogram = Histogram<UInt64>(highestTrackableValue: 60_000_000_000)
    private(set) var greatest: UInt64 = 0

    var count: UInt64 { histogram.totalCount }
    var mean: Double { histogram.mean }

    @inline(__always)
    mutating func record(_ nanoseconds: UInt64) {
        histogram.record(min(nanoseconds, histogram.highestTrackableValue))
        greatest = max(greatest, nanoseconds)
    }

    /// Zero where nothing was recorded; never more than the greatest, which its bucket may be.
    func percentile(_ percentile: Double) -> UInt64 {
        count == 0 ? 0 : min(histogram.valueAtPercentile(percentile), greatest)
    }
}
