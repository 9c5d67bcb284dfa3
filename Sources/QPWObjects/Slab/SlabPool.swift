import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The slabs of one NUMA node that no cache uses, and the 2 MiB chunks they are cut from.
///
/// A chunk is aligned to its size and mapped with huge pages in mind, so that objects of many slabs share one entry of the
/// address translation. It goes back to the system when all its slabs are free and somebody asks for that.
package final class SlabPool: Sendable {
    private static let chunkSize = ChunkMap.chunkSize
    private static let slabsPerChunk = chunkSize / Slab.size

    private struct State {
        var free: [Slab] = []
        /// Free slabs of each chunk, by its address.
        var freeInChunk: [UInt: Int] = [:]
    }

    private let memory: MemorySource
    private let state: Guarded<State>

    private static let pools = Guarded<[Int: SlabPool]>([:])

    /// The pool that all caches share for the node of that index.
    package static func shared(ofNode index: Int) -> SlabPool {
        pools.withLock { pools in
            if let pool = pools[index] { return pool }
            let pool = SlabPool(.system)
            pools[index] = pool
            return pool
        }
    }

    init(_ memory: MemorySource) {
        self.memory = memory
        state = Guarded(State())
    }

    deinit {
        unmap(state.withLock { Array($0.freeInChunk.keys) })
    }

    /// 64 KiB, aligned, of which nothing is known; nil if the system has none.
    func take() -> Slab? {
        state.withLock { state in
            if state.free.isEmpty && !addChunk(&state) { return nil }
            return removeLast(&state)
        }
    }

    /// The same, without asking the system.
    func takeMapped() -> Slab? {
        state.withLock { state in state.free.isEmpty ? nil : removeLast(&state) }
    }

    private func removeLast(_ state: inout State) -> Slab {
        let slab = state.free.removeLast()
        state.freeInChunk[Self.chunk(of: slab.address)]! -= 1
        return slab
    }

    func put(_ slab: Slab) {
        state.withLock { state in
            state.free.append(slab)
            state.freeInChunk[Self.chunk(of: slab.address)]! += 1
        }
    }

    /// Gives chunks of which nothing is used back to the system; returns the bytes.
    func trim() -> Int {
        let chunks = state.withLock { state in
            let unused = Set(state.freeInChunk.filter { $0.value == Self.slabsPerChunk }.keys)
            state.free.removeAll { unused.contains(Self.chunk(of: $0.address)) }
            for chunk in unused { state.freeInChunk[chunk] = nil }
            return unused
        }
        unmap(Array(chunks))
        return chunks.count * Self.chunkSize
    }

    /// Bytes that are mapped, used or not.
    var mappedBytes: Int { state.withLock { $0.freeInChunk.count * Self.chunkSize } }

    private func addChunk(_ state: inout State) -> Bool {
        guard let chunk = memory.map(Self.chunkSize, Self.chunkSize) else { return false }
        #if os(Linux)
        // MADV_HUGEPAGE; a kernel without it goes on with small pages.
        _ = madvise(chunk, Self.chunkSize, 14)
        #endif
        ChunkMap.shared.insert(chunk)
        state.freeInChunk[UInt(bitPattern: chunk)] = Self.slabsPerChunk
        for index in (0..<Self.slabsPerChunk).reversed() {
            state.free.append(Slab(address: chunk + index * Slab.size))
        }
        return true
    }

    private func unmap(_ chunks: [UInt]) {
        for address in chunks {
            let chunk = UnsafeMutableRawPointer(bitPattern: address)!
            ChunkMap.shared.remove(chunk)
            memory.unmap(chunk, Self.chunkSize)
        }
    }

    private static func chunk(of address: UnsafeMutableRawPointer) -> UInt {
        UInt(bitPattern: address) & ~UInt(chunkSize - 1)
    }
}
