/// Why an entry left a cache.
public enum Removal: Int, Sendable, Hashable, CaseIterable {
    /// Room was needed for others.
    case capacity
    /// Its time was up.
    case expired
    /// Another value was inserted for its key.
    case replaced
    /// ``PageCache/remove(_:)`` or ``PageCache/removeAll()``.
    case removed
    /// Too many keys had its hash, or almost.
    case collision
    /// It was heavier than the cache's capacity, and was never in it.
    case tooHeavy

    /// Whether the cache decided it, and not its user.
    public var isEviction: Bool {
        switch self {
        case .capacity, .expired, .collision, .tooHeavy: true
        case .replaced, .removed: false
        }
    }
}
