import CQPW
import QPW

// field  | who writes                    | under
// -------|-------------------------------|----------
// chain  | threads on the CPU            | the slot
// depot  | who refills a chain, who frees| the mutex
//
// Entries are freed many at a time, by the thread that runs the callbacks of RCU, and needed one by one, everywhere: so they go
// to the depot, and each CPU takes some from there at a time.

/// Where the entries of a cache come from: pieces of one size, close together, in memory that is not given back before the cache
/// ends.
///
/// Up to a cache line's size an entry lies in one line; and large caches use large pages, since look-ups that are spread over
/// many small ones wait for their addresses to be translated.
final class EntryMemory: Sendable {
    private struct Depot: @unchecked Sendable {
        var free = FreeChain()
        /// What has never been used of the latest chunk.
        var fresh: UnsafeMutableRawPointer?
        var freshCount = 0
        var nextChunk: Int
        var chunks: [(address: UnsafeMutableRawPointer, bytes: Int)] = []
    }

    private let stride: Int
    private let name: String
    private let depot: Guarded<Depot>
    private let chains: PerCPU<FreeChain>
    /// The address sanitizer sees only what comes from the system's allocator.
    private let isPlain = qpw_address_sanitizer()

    private static let takenAtOnce = 32
    private static let smallestChunk = 1 << 14

    init(
        entryBytes: Int, alignment: Int, expectedEntries: Int, policy: QPWPolicy?, topology: Topology,
        name: String
    ) {
        let unit = max(entryBytes <= 64 ? 64 : 16, alignment)
        stride = (entryBytes + unit - 1) / unit * unit
        self.name = name
        let expected = min(
            max(Self.smallestChunk, expectedEntries.multipliedReportingOverflow(by: stride).partialValue),
            LargePages.size)
        depot = Guarded(Depot(nextChunk: (expected + 4095) & ~4095))
        chains = PerCPU(name + " entries", policy: policy, topology: topology) { _ in FreeChain() }
    }

    deinit {
        for chunk in depot.withLock({ $0.chunks }) { LargePages.unmap(chunk.address, chunk.bytes) }
    }

    /// Memory for one entry. Some nanoseconds; every 32nd call the depot's mutex.
    func allocate() -> UnsafeMutableRawPointer {
        if isPlain { return .allocate(byteCount: stride, alignment: 64) }
        return chains.withLocal { chain, _ in chain.pop() } ?? refill()
    }

    /// Takes back entries that nobody sees any more.
    func free(_ chain: consuming FolioChain) {
        var chain = chain
        if isPlain {
            while let folio = chain.pop() { folio.address.deallocate() }
            return
        }
        depot.withLock { depot in
            while let folio = chain.pop() { depot.free.push(folio.address) }
        }
    }

    private func refill() -> UnsafeMutableRawPointer {
        let (entry, batch) = depot.withLock { depot in
            var batch = FreeChain()
            for _ in 1..<Self.takenAtOnce { batch.push(take(from: &depot)) }
            return (take(from: &depot), batch)
        }
        chains.withLocal { chain, _ in chain.append(batch) }
        return entry
    }

    private func take(from depot: inout Depot) -> UnsafeMutableRawPointer {
        if let entry = depot.free.pop() { return entry }
        if depot.freshCount == 0 { addChunk(to: &depot) }
        guard let entry = depot.fresh else { trap("'\(name)': a chunk without entries") }
        depot.fresh = entry + stride
        depot.freshCount -= 1
        return entry
    }

    private func addChunk(to depot: inout Depot) {
        let bytes = max(depot.nextChunk, (stride + 4095) & ~4095)
        let chunk = LargePages.map(bytes, for: name)
        depot.chunks.append((chunk, bytes))
        depot.fresh = chunk
        depot.freshCount = bytes / stride
        depot.nextChunk = min(2 * bytes, max(bytes, LargePages.size))
    }
}

/// Free entries, linked by their first words.
private struct FreeChain: @unchecked Sendable {
    private var first: UnsafeMutableRawPointer?
    private var last: UnsafeMutableRawPointer?

    mutating func push(_ entry: UnsafeMutableRawPointer) {
        entry.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
        first = entry
        if last == nil { last = entry }
    }

    mutating func pop() -> UnsafeMutableRawPointer? {
        guard let entry = first else { return nil }
        first = entry.load(as: UnsafeMutableRawPointer?.self)
        if first == nil { last = nil }
        return entry
    }

    mutating func append(_ other: FreeChain) {
        guard let last = other.last else { return }
        last.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
        if first == nil { self.last = last }
        first = other.first
    }
}
