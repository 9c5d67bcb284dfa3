import QPW
import QPWObjects

/// What sheaves cost by themselves: each thread has two of its own, which nothing protects, before a barn and slabs that all
/// share.
///
/// Exchanges as a cache does: main and spare, then the barn, then the slabs.
final class UnlockedSource: ObjectSource {
    private struct Sheaves {
        var main: Sheaf
        var spare: Sheaf
    }

    private let slabs: NodeSlabs
    private let barn: Barn
    private let memory = LaneStorage()

    private static let lanes = 2
    private static let capacity = 60

    /// The barn begins with the empty sheaves that a cache makes as it needs them.
    init() {
        slabs = NodeSlabs(
            node: 0, tag: 0, stride: CacheSource.objectSize, alignment: 16, filling: nil,
            cpus: Topology.system.slotCount, pool: .shared(ofNode: 0))
        barn = Barn(stalls: slabs.shareCount)
        for stall in 0..<barn.count {
            for _ in 0..<Stall.maxEmpty { _ = barn[stall].putEmpty(Self.makeSheaf()) }
        }
        for lane in 0..<Self.lanes {
            sheaves(lane).initialize(to: Sheaves(main: Self.makeSheaf(), spare: Self.makeSheaf()))
        }
    }

    private var identity: UnsafeRawPointer { UnsafeRawPointer(memory.base) }

    @inline(__always)
    private func sheaves(_ lane: Int) -> UnsafeMutablePointer<Sheaves> { memory.word(0, of: lane) }

    @inline(__always)
    func allocate(lane: Int) -> UnsafeMutableRawPointer {
        sheaves(lane).pointee.main.pop() ?? allocateByExchange(&sheaves(lane).pointee)
    }

    @inline(__always)
    func deallocate(_ object: UnsafeMutableRawPointer, lane: Int) {
        let main = sheaves(lane).pointee.main
        if main.isFull { return deallocateByExchange(object, &sheaves(lane).pointee) }
        main.push(object)
    }

    @inline(never)
    private func allocateByExchange(_ sheaves: inout Sheaves) -> UnsafeMutableRawPointer {
        if sheaves.spare.isEmpty {
            if let full = barn[slabs.home].replaceEmpty(sheaves.main) {
                sheaves.main = full
            } else {
                let main = sheaves.main
                main.size = slabs.take(main.capacity, for: identity, into: main.objects)
            }
        } else {
            swap(&sheaves.main, &sheaves.spare)
        }
        guard let object = sheaves.main.pop() else { fatalError("no memory for an object") }
        return object
    }

    @inline(never)
    private func deallocateByExchange(_ object: UnsafeMutableRawPointer, _ sheaves: inout Sheaves) {
        if sheaves.spare.isFull {
            if let empty = barn.origin(of: sheaves.main).replaceFull(sheaves.main) {
                sheaves.main = empty
            } else {
                let spare = sheaves.spare
                _ = slabs.put(UnsafeBufferPointer(start: spare.objects, count: spare.size), of: identity)
                spare.size = 0
                swap(&sheaves.main, &sheaves.spare)
            }
        } else {
            swap(&sheaves.main, &sheaves.spare)
        }
        sheaves.main.push(object)
    }

    private static func makeSheaf() -> Sheaf {
        guard let sheaf = Sheaf.make(capacity: capacity, from: .system) else {
            fatalError("no memory for a sheaf")
        }
        return sheaf
    }
}
