import QPWPages

/// A look-up that finds its value.
struct CacheHit: Operation {
    let cache: PageCache<Int, Int>
    let keys: KeyStream

    @inline(__always)
    func perform(lane: Int) {
        keys.take(cache.get(keys.next(lane: lane)) ?? 0, lane: lane)
    }
}

/// A look-up, and an insertion if it found nothing.
struct CacheGetOrInsert: Operation {
    let cache: PageCache<Int, Int>
    let keys: KeyStream

    @inline(__always)
    func perform(lane: Int) {
        let key = keys.next(lane: lane)
        guard let value = cache.get(key) else { return cache.insert(key, for: key) }
        keys.take(value, lane: lane)
    }
}

/// An insertion into a full cache, of a key that was never there.
struct CacheInsert: Operation {
    let cache: PageCache<Int, Int>
    let numbers = LaneStorage()

    @inline(__always)
    func perform(lane: Int) {
        let number: UnsafeMutablePointer<Int> = numbers.word(0, of: lane)
        number.pointee &+= 1
        cache.insert(lane, for: number.pointee << 8 | lane)
    }
}

/// The same look-up in a dictionary with a mutex and a list.
struct MutexHit: Operation {
    let lru: MutexDictionaryLRU
    let keys: KeyStream

    @inline(__always)
    func perform(lane: Int) {
        keys.take(lru.get(keys.next(lane: lane)) ?? 0, lane: lane)
    }
}

/// The same look-up in a dictionary that nobody changes: what there is to be gained at most.
struct DictionaryHit: Operation {
    let dictionary: [Int: Int]
    let keys: KeyStream

    @inline(__always)
    func perform(lane: Int) {
        keys.take(dictionary[keys.next(lane: lane)] ?? 0, lane: lane)
    }
}
