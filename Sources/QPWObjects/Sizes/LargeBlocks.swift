import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What is too large for any class: mappings of their own, with a list of where they are.
///
/// The list, and not a header before the block, tells a block's size: so a block is page-aligned and nothing is read near
/// an address that is none. A mapping costs so much that the list's lock does not count.
final class LargeBlocks: Sendable {
    private let name: String
    private let memory: MemorySource
    private let bytesAt = Guarded<[UInt: Int]>([:])

    init(name: String, memory: MemorySource) {
        self.name = name
        self.memory = memory
    }

    deinit {
        let blocks = bytesAt.withLock { $0 }
        for (address, bytes) in blocks { memory.unmap(UnsafeMutableRawPointer(bitPattern: address)!, bytes) }
        if !blocks.isEmpty { warn("'\(name)' ends while \(blocks.count) of its large blocks are in use.") }
    }

    /// Whole pages; nil if the system has none.
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard byteCount <= Int.max - page else { return nil }
        let bytes = (byteCount + page - 1) / page * page
        guard let block = memory.map(bytes, page) else { return nil }
        bytesAt.withLock { $0[UInt(bitPattern: block)] = bytes }
        return block
    }

    /// False if there is no such block.
    func deallocate(_ block: UnsafeMutableRawPointer) -> Bool {
        guard let bytes = bytesAt.withLock({ $0.removeValue(forKey: UInt(bitPattern: block)) }) else {
            return false
        }
        memory.unmap(block, bytes)
        return true
    }

    /// The bytes of a block; nil if there is no such block.
    func size(of block: UnsafeMutableRawPointer) -> Int? {
        bytesAt.withLock { $0[UInt(bitPattern: block)] }
    }
}
