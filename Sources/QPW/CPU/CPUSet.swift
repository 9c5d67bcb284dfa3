/// A set of CPUs, one bit for each.
///
/// Ids: 0...65535. A value, safe on any thread. Storage is a copy-on-write array of 64-bit words up to the
/// highest member: 8 bytes for each 64 CPUs. ``contains(_:)`` takes constant time, everything else time
/// linear in the words.
///
/// Kernel counterpart: `struct cpumask` (`include/linux/cpumask.h`).
public struct CPUSet: Hashable, Sendable {
    /// The members as bits, lowest first: CPU `i` is bit `i % 64` of word `i / 64`.
    ///
    /// At most 1024 words. The last is never zero, so that equal sets have equal words.
    public internal(set) var words: [UInt64]

    /// The empty set.
    public init() {
        words = []
    }

    /// The set with these bits; see ``words`` for their order.
    ///
    /// - Precondition: no bit above 65535 is set.
    public init(words: some Sequence<UInt64>) {
        self.words = Array(words)
        trim()
        precondition(self.words.count <= 1024, "a CPU id must be in 0...65535")
    }

    /// The CPUs with these ids.
    ///
    /// - Precondition: every id is in ``CPU/ids``.
    public init(ids: Range<Int>) {
        self.init()
        guard !ids.isEmpty else { return }
        precondition(ids.lowerBound >= 0 && ids.upperBound <= 65_536, "a CPU id must be in 0...65535")
        insert(ids: ids.lowerBound...ids.upperBound - 1)
    }

    /// How many CPUs are members.
    public var count: Int {
        words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// The member with the lowest id; nil in an empty set.
    public var first: CPU? {
        guard let index = words.firstIndex(where: { $0 != 0 }) else { return nil }
        return CPU(index * 64 + words[index].trailingZeroBitCount)
    }

    /// The member with the highest id; nil in an empty set. Constant time.
    public var last: CPU? {
        guard let word = words.last else { return nil }
        return CPU(words.count * 64 - 1 - word.leadingZeroBitCount)
    }

    mutating func insert(ids: ClosedRange<Int>) {
        let lastWord = ids.upperBound / 64
        grow(toWords: lastWord + 1)
        for index in ids.lowerBound / 64...lastWord {
            let low = Swift.max(ids.lowerBound - index * 64, 0)
            let high = Swift.min(ids.upperBound - index * 64, 63)
            words[index] |= (UInt64.max << low) & (UInt64.max >> (63 - high))
        }
    }

    mutating func grow(toWords count: Int) {
        guard count > words.count else { return }
        words.append(contentsOf: repeatElement(0, count: count - words.count))
    }

    mutating func trim() {
        while words.last == 0 { words.removeLast() }
    }
}
