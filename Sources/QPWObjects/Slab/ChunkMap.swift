import QPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// field | who writes                                  | memory order
// ------|---------------------------------------------|--------------------------------------------------------------
// words | the pool that maps a chunk, before anybody  | relaxed read-modify-write; loaded relaxed: who asks about an
//       | has an object of it, or unmaps it, after    | object of a cache was handed it after the bit was set
//       | everybody has given his back                |

/// Which chunks of the address space slabs are cut from: a bit for each, over all pools of the process.
///
/// So an address that no cache gave out is found out before anything near it is read. One load and a test, without a lock.
/// Only the pages of the map that are written cost memory.
struct ChunkMap: @unchecked Sendable {
    static let chunkSize = 2 << 20
    static let shared = ChunkMap()

    /// What a program's addresses have at most, on every system that this is built for.
    private static let addressBits = 48
    private static let chunkBits = 21
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    private init() {
        let count = 1 << (Self.addressBits - Self.chunkBits - 6)
        let mapped = mmap(
            nil, count * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { trap("no memory for the map of slabs") }
        words = mapped.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    }

    /// Whether `address` lies in a chunk of some pool.
    @inline(__always)
    func contains(_ address: UnsafeMutableRawPointer) -> Bool {
        let address = UInt(bitPattern: address)
        guard address >> UInt(Self.addressBits) == 0 else { return false }
        let (word, bit) = Self.place(address)
        return words[word].load(ordering: .relaxed) & bit != 0
    }

    func insert(_ chunk: UnsafeMutableRawPointer) {
        let (word, bit) = Self.place(UInt(bitPattern: chunk))
        words[word].bitwiseOr(bit, ordering: .relaxed)
    }

    func remove(_ chunk: UnsafeMutableRawPointer) {
        let (word, bit) = Self.place(UInt(bitPattern: chunk))
        words[word].bitwiseAnd(~bit, ordering: .relaxed)
    }

    @inline(__always)
    private static func place(_ address: UInt) -> (word: Int, bit: UInt64) {
        let chunk = Int(address >> UInt(chunkBits))
        return (chunk / 64, 1 << UInt64(chunk % 64))
    }
}
