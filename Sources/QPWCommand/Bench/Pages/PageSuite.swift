import QPW
import QPWPages

/// A cache of 100 000 entries, policy by policy, against a dictionary that nobody changes and one with a mutex and exact LRU.
struct PageSuite {
    private let settings: BenchSettings

    static let notes =
        [
            "hit, mutexDictionaryLRU, immutableDictionary: cycles for a look-up that finds its value, Zipf 0.99",
            "getOrInsert: the keys are ten times as many as there is room for; insert: keys that were never there",
            "add: a folio to an LRU's lists; singleThread: by one batch, which nothing protects, to the same lists",
            "updatesPerListLock: recency updates for each acquisition of a list's lock, in the insertions before",
            "hitratio: one run, the same in each round; zipf1M is left out of a quick run",
        ]
        + (KeyTrace.database == nil
            ? ["hitratio/database is left out: its file is not beside the command"] : [])

    private static let entryCount = 100_000
    private static let keyCount = 1_000_000
    private static let insertCapacity = 16_384
    private static let streamLength = 1 << 20

    init(_ settings: BenchSettings) {
        self.settings = settings
    }

    var subjects: [Subject] {
        let hot = KeyStream(zipfKeys(Self.entryCount, count: Self.streamLength, seed: 1))
        let mixed = KeyStream(zipfKeys(Self.keyCount, count: Self.streamLength, seed: 2))
        return baselines(hot) + settings.policies.flatMap { caches($0, hot, mixed) } + additions + hitRatios
    }

    private func baselines(_ keys: KeyStream) -> [Subject] {
        let dictionary = Dictionary(uniqueKeysWithValues: (0..<Self.entryCount).map { ($0, $0) })
        let lru = MutexDictionaryLRU(capacity: Self.entryCount)
        for key in 0..<Self.entryCount { lru.insert(key, for: key) }
        return crewsOfOneAndTwo(settings).flatMap { crew in
            [
                Subject.repeating(
                    DictionaryHit(dictionary: dictionary, keys: keys), .pages, "immutableDictionary", crew),
                .repeating(MutexHit(lru: lru, keys: keys), .pages, "mutexDictionaryLRU", crew),
            ]
        }
    }

    private func caches(_ choice: PolicyChoice, _ hot: KeyStream, _ mixed: KeyStream) -> [Subject] {
        let full = makeCache(choice, Self.entryCount)
        for key in 0..<Self.entryCount { full.insert(key, for: key) }
        let small = makeCache(choice, Self.entryCount)
        let fresh = makeCache(choice, Self.insertCapacity)
        let repeated = crewsOfOneAndTwo(settings).flatMap { crew in
            [
                Subject.repeating(
                    CacheHit(cache: full, keys: hot), .pages, "hit/\(choice.name)", crew),
                .repeating(
                    CacheGetOrInsert(cache: small, keys: mixed), .pages, "getOrInsert/\(choice.name)", crew),
                .repeating(CacheInsert(cache: fresh), .pages, "insert/\(choice.name)", crew),
            ]
        }
        return repeated + [locks(of: fresh, choice)]
    }

    /// Room for a few more than there are keys, so that hits are hits under every policy.
    private func makeCache(_ choice: PolicyChoice, _ capacity: Int) -> PageCache<Int, Int> {
        PageCache("benched", capacity: capacity + capacity / 8, policy: choice.policy)
    }

    private func locks(of cache: PageCache<Int, Int>, _ choice: PolicyChoice) -> Subject {
        Subject(suite: .pages, name: "updatesPerListLock/\(choice.name)", threads: 2, unit: .updates) {
            let lists = cache.statistics.lru
            return Double(lists.recencyUpdates) / Double(max(1, lists.listLockAcquisitions))
        }
    }

    private var additions: [Subject] {
        let shared = settings.policies.map { choice in
            addition(choice.name, FolioAdds(PageLRU("benched", policy: choice.policy) { _ in }))
        }
        return shared + [addition("singleThread", FolioAdds(UnsharedLRU(.system)))]
    }

    private func addition(_ name: String, _ adds: FolioAdds<some FolioLists>) -> Subject {
        Subject(suite: .pages, name: "add/\(name)", threads: 1, unit: .cycles) { [settings] in
            adds.cost(on: settings.place.first, for: settings.round)
        }
    }

    private var hitRatios: [Subject] {
        let isQuick = settings.round < .milliseconds(20)
        return (HitRatio.all + (isQuick ? [] : [.large])).flatMap { workload in
            [
                once("hitratio/\(workload.name)") { workload.ofCache() },
                once("hitratio/\(workload.name)/exactLRU") { workload.ofExactLRU() },
            ]
        }
    }

    private func once(_ name: String, _ measure: @escaping @Sendable () -> Double) -> Subject {
        let known = Guarded<Double?>(nil)
        return Subject(suite: .pages, name: name, threads: 1, unit: .percent) {
            if let figure = known.withLock({ $0 }) { return figure }
            let figure = measure()
            known.withLock { $0 = figure }
            return figure
        }
    }
}
