import QPW

/// How long a cache's values are good for; what is older is not found, and leaves the cache.
public struct Expiry: Hashable, Sendable {
    /// Counted from when the value was inserted; nil for ever.
    public var afterWrite: Duration?
    /// Counted from when the value was last found; nil for ever.
    ///
    /// Within a sixteenth of the time, and never late: a use so soon after another is not noted, so that hits on hot entries
    /// write nothing.
    public var afterAccess: Duration?

    /// Both limits hold.
    public init(afterWrite: Duration? = nil, afterAccess: Duration? = nil) {
        self.afterWrite = afterWrite
        self.afterAccess = afterAccess
    }
}

/// Where a cache takes the time from: never earlier than what it said before.
public struct CacheClock: Sendable {
    let now: @Sendable () -> Int64

    /// A clock that says how many nanoseconds it is since some moment.
    public init(nanoseconds now: @escaping @Sendable () -> Int64) {
        self.now = now
    }

    /// The system's monotonic clock: some 25 nanoseconds a look-up.
    public static let monotonic = CacheClock { MonotonicClock.now() }
}
