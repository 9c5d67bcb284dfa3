extension QPWPolicy: LosslessStringConvertible {
    /// The policy's name without its parameters.
    ///
    /// One of `queue`, `lock`, `fence`, `deferred`, `rtQueue`, `rtLock` and `automatic`.
    public var name: String {
        switch self {
        case .queue: "queue"
        #if QPW
        case .lock: "lock"
        case .fence: "fence"
        case .deferred: "deferred"
        case .rtQueue: "rtQueue"
        case .rtLock: "rtLock"
        case .automatic: "automatic"
        #endif
        }
    }

    /// The name, and for `deferred` its deadline: `deferred(10ms)`, `deferred(never)`.
    public var description: String {
        #if QPW
        if case .deferred(let limit) = self {
            return "deferred(\(limit.map(Self.spell) ?? "never"))"
        }
        #endif
        return name
    }

    /// The policy of that name, as the environment variable `QPW` and the command line spell it.
    ///
    /// `0` and `1` are the kernel parameter's spellings of ``queue`` and `lock`. `deferred` alone escalates after
    /// 10 ms; `deferred(never)`, `deferred(250us)` and `deferred(2s)` say otherwise.
    public init?(_ description: String) {
        switch description {
        case "0", "queue": self = .queue
        #if QPW
        case "1", "lock": self = .lock
        case "fence": self = .fence
        case "deferred": self = .deferred(escalateAfter: .milliseconds(10))
        case "deferred(never)": self = .deferred(escalateAfter: nil)
        case "rtQueue": self = .rtQueue
        case "rtLock": self = .rtLock
        case "automatic": self = .automatic
        #endif
        default:
            #if QPW
            guard description.hasPrefix("deferred("), description.hasSuffix(")"),
                let limit = Self.duration(description.dropFirst("deferred(".count).dropLast())
            else { return nil }
            self = .deferred(escalateAfter: limit)
            #else
            return nil
            #endif
        }
    }

    #if QPW
    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ]

    private static func duration(_ text: Substring) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = Int64(text.dropLast(unit.suffix.count)), count >= 0 else { continue }
            let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
            return overflow ? nil : .nanoseconds(nanoseconds)
        }
        return nil
    }

    private static func spell(_ limit: Duration) -> String {
        let nanoseconds = limit.nanoseconds
        let unit =
            units.last { nanoseconds % $0.nanoseconds == 0 && nanoseconds >= $0.nanoseconds } ?? units[0]
        return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }
    #endif
}
