import CQPW
import QPW

/// The bytes behind an object that nobody may write.
enum RedZone {
    static let size = 8
    static let pattern: UInt64 = 0xBBBB_BBBB_BBBB_BBBB
}

/// What free memory is filled with. Kernel counterpart: `POISON_FREE` (include/linux/poison.h).
enum Poison {
    static let byte: UInt8 = 0x6B
}

extension CacheStock {
    /// An object on its way to its user.
    func prepared(_ object: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        qpw_sanitizer_unpoison(object, objectSize)
        guard !flags.isEmpty else { return object }
        if flags.contains(.poison), isPoisonDamaged(object) {
            complain("object \(object) was written after it was freed")
        }
        if flags.contains(.redZones) {
            (object + objectSize).storeBytes(of: RedZone.pattern, as: UInt64.self)
        }
        return object
    }

    /// An object that its user gives back.
    func retire(_ object: UnsafeMutableRawPointer) {
        if !flags.isEmpty { check(object) }
        qpw_sanitizer_poison(object, objectSize)
    }

    private func check(_ object: UnsafeMutableRawPointer) {
        if flags.contains(.consistencyChecks) { checkOrigin(of: object) }
        if flags.contains(.redZones),
            (object + objectSize).loadUnaligned(as: UInt64.self) != RedZone.pattern
        {
            complain("the bytes behind object \(object) were overwritten")
        }
        if flags.contains(.poison) {
            object.initializeMemory(as: UInt8.self, repeating: Poison.byte, count: objectSize)
        }
    }

    private func checkOrigin(of object: UnsafeMutableRawPointer) {
        guard ChunkMap.shared.contains(object) else { complain(.foreign(object)) }
        let slab = Slab.containing(object)
        guard slab.cache == identity else { complain(.ofAnotherCache(object)) }
        guard let index = slab.index(of: object) else { complain(.notAnObject(object)) }
        if nodes[slab.node].slabs.isFree(index, in: slab) { complain(.doubleFree(object)) }
    }

    private func isPoisonDamaged(_ object: UnsafeMutableRawPointer) -> Bool {
        UnsafeRawBufferPointer(start: object, count: objectSize).contains { $0 != Poison.byte }
    }

    /// The index of the node that an object came from.
    func node(of object: UnsafeMutableRawPointer) -> Int {
        if hasOneNode { return 0 }
        guard chunks.contains(object) else { complain(.foreign(object)) }
        let node = Slab.containing(object).node
        guard node < nodes.count else { complain(.ofAnotherCache(object)) }
        return node
    }

    func report(_ refusals: [NodeSlabs.Refusal]) {
        if let refusal = refusals.first { complain(refusal) }
    }

    private func complain(_ refusal: NodeSlabs.Refusal) -> Never {
        switch refusal {
        case .doubleFree(let object): complain("double free of object \(object)")
        case .foreign(let object): complain("\(object) is not an address that any cache gave out")
        case .ofAnotherCache(let object): complain("object \(object) belongs to another cache")
        case .notAnObject(let object): complain("\(object) is inside an object, or between two")
        }
    }

    private func complain(_ what: String) -> Never {
        trap("object cache '\(name)': \(what)")
    }
}
