/// When something began and ended, by the cycle counter.
struct Span: Equatable, Sendable {
    var begin: UInt64
    var end: UInt64
}

/// Spans in the order in which they ended, as many as there is room for.
///
/// The memory is touched when the log is made: a page fault while it is written would be a gap of the owner's.
struct SpanLog: Sendable {
    private var storage: [Span]
    private var count = 0
    /// Those that came when there was no more room.
    private(set) var lost = 0

    init(capacity: Int = 0) {
        storage = Array(repeating: Span(begin: 0, end: 0), count: capacity)
    }

    var spans: ArraySlice<Span> { storage[..<count] }

    @inline(__always)
    mutating func record(from begin: UInt64, to end: UInt64) {
        guard count < storage.count else {
            if !storage.isEmpty { lost += 1 }
            return
        }
        storage[count] = Span(begin: begin, end: end)
        count += 1
    }
}

/// How much of a measurement is kept as it happened, and not only as a distribution.
enum Keeping: Sendable {
    case distributions
    case spans

    private static let most = 1 << 17

    /// Of each log of a contender that is measured for so long and drained so often: gaps come with drains, with the system's
    /// ticks, and with whatever else runs.
    func capacity(seconds: Double, drainsPerSecond: Int) -> Int {
        switch self {
        case .distributions: 0
        case .spans: min(Self.most, Int((seconds + 1) * Double(4 * drainsPerSecond + 4_000)))
        }
    }
}
