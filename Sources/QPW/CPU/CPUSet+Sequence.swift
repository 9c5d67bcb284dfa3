extension CPUSet: Sequence {
    /// Walks a set in ascending order of ids.
    ///
    /// It walks the set as it was when the walk began, whatever happens to the variable meanwhile.
    public struct Iterator: IteratorProtocol, Sendable {
        private let words: [UInt64]
        private var index = 0
        private var rest: UInt64

        init(_ set: CPUSet) {
            words = set.words
            rest = set.words.first ?? 0
        }

        /// The next CPU; nil at the end.
        public mutating func next() -> CPU? {
            while rest == 0 {
                guard index + 1 < words.count else { return nil }
                index += 1
                rest = words[index]
            }
            let bit = rest.trailingZeroBitCount
            rest &= rest - 1
            return CPU(index * 64 + bit)
        }
    }

    /// The members in ascending order of ids.
    ///
    /// Kernel counterpart: `for_each_cpu()` (`include/linux/cpumask.h`).
    public func makeIterator() -> Iterator {
        Iterator(self)
    }

    /// How many CPUs are members.
    public var underestimatedCount: Int { count }
}
