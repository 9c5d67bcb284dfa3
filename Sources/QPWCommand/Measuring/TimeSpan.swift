import ArgumentParser

/// A time on the command line: `100us`, `250ms`, `18s`, or seconds without a unit.
struct TimeSpan: ExpressibleByArgument, Equatable {
    let duration: Duration

    private static let units: [(suffix: String, seconds: Double)] = [
        ("ns", 1e-9), ("µs", 1e-6), ("us", 1e-6), ("ms", 1e-3), ("s", 1), ("", 1),
    ]
    private static let longest = 86_400.0

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let unit = Self.units.first(where: { argument.hasSuffix($0.suffix) }),
            let count = Double(argument.dropLast(unit.suffix.count)), count >= 0,
            count * unit.seconds <= Self.longest
        else { return nil }
        duration = .seconds(count * unit.seconds)
    }

    var defaultValueDescription: String {
        let seconds = duration / .seconds(1)
        let unit = Self.units.last { $0.seconds <= seconds && !$0.suffix.isEmpty } ?? Self.units[0]
        return "\(Int((seconds / unit.seconds).rounded()))\(unit.suffix)"
    }
}
