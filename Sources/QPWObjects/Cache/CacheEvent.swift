import CQPW
import QPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a cache counts, but for what its fast paths do. Kernel counterpart: `enum stat_item` (mm/slub.c).
public enum CacheEvent: Int, CaseIterable, Sendable {
    /// An allocation that took its CPU's slot on the slow path and was served from a sheaf.
    case allocSheaf
    /// An allocation that went to the slabs.
    case allocSlowpath
    /// A free that took its CPU's slot on the slow path and went into a sheaf.
    case freeSheaf
    /// A free that went to the slabs.
    case freeSlowpath
    /// A free of an object of another NUMA node, past the sheaves.
    case freeRemote
    /// `main` and `spare` were swapped.
    case sheafSwap
    /// A sheaf was filled from slabs.
    case sheafRefill
    /// A sheaf's objects went back to slabs.
    case sheafFlush
    /// Memory for a sheaf was allocated, or given back.
    case sheafAlloc, sheafFree
    /// A sheaf came from the barn, or could not.
    case barnGet, barnGetFail
    /// A full sheaf went to the barn, or could not.
    case barnPut, barnPutFail
    /// An object went into `rcuFree`, or had to be given to RCU alone.
    case freeRCUSheaf, freeRCUSheafFail
    /// A prefilled sheaf came from spare or barn, had to be filled, or was larger than the cache's sheaves.
    case sheafPrefillFast, sheafPrefillSlow, sheafPrefillOversize
    /// A prefilled sheaf went back whole, or was flushed.
    case sheafReturnFast, sheafReturnSlow
    /// A CPU's sheaves were flushed by somebody: counted on that CPU.
    case cpuFlush
}

// words  | who writes                                   | memory order
// -------|----------------------------------------------|---------------------------------------------------------
// local  | threads on the CPU, each in a section        | one plain add, which is the commit; read relaxed
// shared | threads that cannot use sections, or do      | relaxed read-modify-write; read relaxed
//        | something for another CPU                    |

/// The counts of a cache: two for each event and CPU, added to on slow paths, summed when read.
struct CacheStatistics: ~Copyable, @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<Int>>
    private let count: Int
    private let sectionCount: UInt32

    /// Words from a CPU's local counts to its shared ones: a multiple of 128 bytes.
    private static let half = (CacheEvent.allCases.count + 15) / 16 * 16
    private static let stride = half * 2
    private var bytes: Int { count * Self.stride * 8 }

    init(topology: Topology) {
        count = topology.slotCount
        sectionCount = Capabilities.system.rseq == .available ? UInt32(count) : 0
        let mapped = mmap(
            nil, count * Self.stride * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { trap("no memory for a cache's statistics") }
        words = mapped.bindMemory(to: Atomic<Int>.self, capacity: count * Self.stride)
    }

    deinit {
        munmap(words, bytes)
    }

    /// Counts `event` on the CPU that the thread runs on.
    func note(_ event: CacheEvent) {
        #if os(Linux) && !QPW_PORTABLE
        if qpw_rseq_add(words + event.rawValue, UInt64(Self.stride * 8), sectionCount, 1) { return }
        #endif
        note(event, on: CPU(min(CPU.current.id, count - 1)))
    }

    /// Counts `event`, which somebody did for `cpu`, there.
    func note(_ event: CacheEvent, on cpu: CPU) {
        words[cpu.id * Self.stride + Self.half + event.rawValue].wrappingAdd(1, ordering: .relaxed)
    }

    subscript(event: CacheEvent, cpu: CPU) -> Int {
        guard cpu.id < count else { return 0 }
        let place = words + (cpu.id * Self.stride + event.rawValue)
        return place.pointee.load(ordering: .relaxed) + place[Self.half].load(ordering: .relaxed)
    }
}
