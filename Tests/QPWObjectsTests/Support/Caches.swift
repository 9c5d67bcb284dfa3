import QPW

@testable import QPWObjects

/// A cache whose memory is its own, so that what others use does not show in its figures.
func makeCache(
    objectSize: Int = 64, alignment: Int = 16, capacity: Int? = 4, flags: ObjectCache.Flags = [],
    policy: QPWPolicy = .default, isolated: ObjectCache.Isolated = .remote, rcu: RCUDomain = .shared,
    topology: Topology = .system, memory: MemorySource = .system
) -> ObjectCache {
    ObjectCache(
        name: "tested", objectSize: objectSize, alignment: alignment, sheafCapacity: capacity, flags: flags,
        policy: policy, isolated: isolated, rcu: rcu, topology: topology, memory: memory,
        pools: { _ in SlabPool(memory) })
}

/// Addresses on their way between threads.
struct Objects: @unchecked Sendable {
    var addresses: [UnsafeMutableRawPointer] = []
}

extension ObjectCache {
    func take(_ count: Int) throws(OutOfMemory) -> Objects {
        var objects = Objects()
        for _ in 0..<count { objects.addresses.append(try allocate()) }
        return objects
    }

    func give(_ objects: Objects) {
        for object in objects.addresses { deallocate(object) }
    }

    /// What has happened, without what has not: `[.sheafSwap: 1]`.
    var events: [CacheEvent: Int] {
        // Pushes and pops that took the slot differ from policy to policy.
        let counted = CacheEvent.allCases.filter { $0 != .allocSheaf && $0 != .freeSheaf }
        return Dictionary(uniqueKeysWithValues: counted.map { ($0, count(of: $0)) }).filter { $0.value != 0 }
    }

    /// What `body` adds to ``events``.
    func events<E: Error>(during body: () throws(E) -> Void) throws(E) -> [CacheEvent: Int] {
        let before = events
        try body()
        return events.merging(before) { $0 - $1 }.filter { $0.value != 0 }
    }
}
