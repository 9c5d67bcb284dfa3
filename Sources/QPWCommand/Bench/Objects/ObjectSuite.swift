import QPW
import QPWObjects

/// Allocating and freeing objects of 64 bytes, policy by policy, against the same algorithm without locks.
struct ObjectSuite {
    private let settings: BenchSettings

    static let notes = [
        "pair, batch and prefilled: cycles for an allocation and its free; kmalloc1M: for an allocation alone",
        "cross: cycles of both CPUs for an object; rcufree: the caller's, without the thread that runs callbacks",
        "sizes: the size classes, their size found by the address, through calls that are not inlined",
        FlushSubjects.note,
        "none: sheaves, barn and slabs as they are, with no lock or section around a sheaf",
    ]

    /// The batches, by what they are called.
    private static let batches = [(100, "batch100"), (10_000, "batch10k"), (1_000_000, "batch1M")]
    private static let forSizes = ["fence", "lock"]
    private static let prefill = 32
    private static let crossing = 320_000

    init(_ settings: BenchSettings) {
        self.settings = settings
    }

    var subjects: [Subject] {
        let storage = Self.batches.map { BatchStorage($0.0, lanes: 2) }
        return bare + workloads(of: UnlockedSource(), "none", storage)
            + settings.policies.flatMap { choice in
                workloads(of: CacheSource(choice.policy), choice.name, storage)
                    + specialities(CacheSource(choice.policy).cache, choice.name)
            } + sizes(storage) + isolated(storage) + FlushSubjects.all(settings)
            + RCUSubjects.all(.objects, settings)
    }

    /// What two acquisitions of any atomic lock cost.
    private var bare: [Subject] {
        crewsOfOneAndTwo(settings).map { .repeating(TwoBareCASStores(), .objects, "bare/two-cas-stores", $0) }
    }

    private func workloads<Source: ObjectSource>(
        of source: Source, _ policy: String, _ storage: [BatchStorage]
    ) -> [Subject] {
        let repeated = crewsOfOneAndTwo(settings).flatMap { crew in
            [Subject.repeating(Pair(source: source), .objects, "pair64/\(policy)", crew)]
                + zip(Self.batches, storage).map { batch, objects in
                    let operation = Batch(source: source, objects: objects)
                    return .repeating(operation, .objects, "\(batch.1)/\(policy)", crew)
                }
        }
        return repeated + [allocations(source, policy, storage)] + crossing(source, policy)
    }

    private func allocations<Source: ObjectSource>(
        _ source: Source, _ policy: String, _ storage: [BatchStorage]
    ) -> Subject {
        let million = AllocationsOnly(
            source: source, objects: storage[storage.count - 1], cpu: settings.place.first)
        return Subject(suite: .objects, name: "kmalloc1M/\(policy)", threads: 1, unit: .cycles) {
            million.measure()
        }
    }

    private func crossing<Source: ObjectSource>(_ source: Source, _ policy: String) -> [Subject] {
        guard let second = settings.place.second else { return [] }
        let crossing = CrossCPU(source, from: settings.place.first, to: second)
        return [
            Subject(suite: .objects, name: "cross/\(policy)", threads: 2, unit: .cycles) {
                crossing.measure(Self.crossing)
            }
        ]
    }

    private func specialities(_ cache: ObjectCache, _ policy: String) -> [Subject] {
        let crew = crewsOfOneAndTwo(settings)[0]
        let prefill = Prefill(cache: cache, objects: BatchStorage(Self.prefill, lanes: 1))
        return [
            .repeating(prefill, .objects, "prefilled/\(policy)", crew),
            Subject(suite: .objects, name: "rcufree/\(policy)", threads: 1, unit: .cycles) {
                defer { cache.barrier() }
                return crew.cost(of: FreeAfterGracePeriod(cache: cache))
            },
        ]
    }

    /// As others would use it who preload an allocator: under the policies that such a one would choose.
    private func sizes(_ storage: [BatchStorage]) -> [Subject] {
        settings.policies.filter { Self.forSizes.contains($0.name) }.flatMap { choice in
            let source = SizesSource(choice.policy, byteCount: CacheSource.objectSize)
            return workloads(of: source, "sizes.\(choice.name)", storage)
        }
    }

    private func isolated(_ storage: [BatchStorage]) -> [Subject] {
        let crew = crewsOfOneAndTwo(settings)[0]
        let ways: [(ObjectCache.Isolated, String)] = [
            (.remote, "isolated.remote"), (.bypass, "isolated.bypass"),
        ]
        return ways.flatMap { way, name in
            let source = CacheSource(isolated: way)
            return [
                Subject.repeating(Pair(source: source), .objects, "pair64/\(name)", crew),
                .repeating(Batch(source: source, objects: storage[0]), .objects, "batch100/\(name)", crew),
            ]
        }
    }
}

/// The locks of an allocation and of its free, and nothing else.
private struct TwoBareCASStores: Operation {
    let one = BareCASStore()

    @inline(__always)
    func perform(lane: Int) {
        one.perform(lane: lane)
        one.perform(lane: lane)
    }
}
