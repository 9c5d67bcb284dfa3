import QPW

extension PageCache: Sequence {
    /// Goes through a cache while others use it.
    ///
    /// What is there throughout is given once; what is inserted or removed meanwhile may be given or not. An entry is given as it
    /// was at one moment, and not if it had expired by then. Looking at an entry is not a use of it. Nothing is locked and nothing kept alive between two entries.
    public struct Iterator: IteratorProtocol {
        private let cache: PageCache
        /// The hash at which the next line begins; nil after the last. The same in a table that has grown meanwhile.
        private var position: UInt64? = 0
        private var found: [(key: Key, value: Value)] = []

        fileprivate init(_ cache: PageCache) {
            self.cache = cache
        }

        /// The next entry; nil after the last.
        public mutating func next() -> (key: Key, value: Value)? {
            while found.isEmpty, let start = position {
                (found, position) = cache.entries(at: start)
            }
            return found.popLast()
        }
    }

    /// An iterator that begins now.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// A guess for who reserves room.
    public var underestimatedCount: Int { 0 }

    /// What is in the line where a hash belongs, and where the next line begins.
    private func entries(at hash: UInt64) -> (found: [(key: Key, value: Value)], next: UInt64?) {
        readAside {
            let table = table.current
            var found: [(key: Key, value: Value)] = []
            table.line(of: hash).forEachSlot { slot in
                if let folio = CacheSlot.folio(in: slot.word), !isTimed || isUnexpired(Entry(folio)) {
                    found.append((Entry(folio).key.pointee, Entry(folio).value.pointee))
                }
                return true
            }
            let number = Int(hash >> table.shift) + 1
            return (found, number == table.lineCount ? nil : UInt64(number) << table.shift)
        }
    }
}
