import CQPW
import QPW
import QPWObjects

/// Where the workloads have their objects from. `lane` is a thread of the round, which has a CPU to itself.
protocol ObjectSource: Sendable {
    func allocate(lane: Int) -> UnsafeMutableRawPointer
    func deallocate(_ object: UnsafeMutableRawPointer, lane: Int)
}

/// A cache under some policy.
struct CacheSource: ObjectSource {
    let cache: ObjectCache

    static let objectSize = 64

    init(_ policy: QPWPolicy) {
        cache = ObjectCache(name: "bench", objectSize: Self.objectSize, policy: policy)
    }

    #if QPW
    private static let policyOfIsolated = QPWPolicy.automatic
    #else
    private static let policyOfIsolated = QPWPolicy.queue
    #endif

    /// A cache that takes every CPU to be isolated.
    init(isolated: ObjectCache.Isolated) {
        let possible = Topology.system.possible
        cache = ObjectCache(
            name: "bench", objectSize: Self.objectSize, policy: Self.policyOfIsolated, isolated: isolated,
            topology: Topology(possible: possible, isolated: possible))
    }

    @inline(__always)
    func allocate(lane: Int) -> UnsafeMutableRawPointer { cache.allocateOrDie() }

    @inline(__always)
    func deallocate(_ object: UnsafeMutableRawPointer, lane: Int) { cache.deallocate(object) }
}

/// The size classes behind calls that are not inlined, and told a size that the compiler does not know: what `malloc` and
/// `free` are to a program.
struct SizesSource: ObjectSource {
    private let sizes: SizeClasses
    private let byteCount: Int

    init(_ policy: QPWPolicy, byteCount: Int) {
        sizes = SizeClasses(name: "bench", policy: policy)
        self.byteCount = byteCount
    }

    @inline(never)
    func allocate(lane: Int) -> UnsafeMutableRawPointer {
        do {
            return try sizes.allocate(byteCount: byteCount)
        } catch {
            fatalError(error.description)
        }
    }

    @inline(never)
    func deallocate(_ object: UnsafeMutableRawPointer, lane: Int) { sizes.deallocate(object) }
}

extension ObjectCache {
    @inline(__always)
    func allocateOrDie() -> UnsafeMutableRawPointer {
        do {
            return try allocate()
        } catch {
            fatalError(error.description)
        }
    }
}

/// What every user of an object does first. Also keeps the compiler from knowing what becomes of it.
@inline(__always)
func touch(_ object: UnsafeMutableRawPointer) {
    object.storeBytes(of: 1, as: Int.self)
    qpw_optimiser_barrier()
}
