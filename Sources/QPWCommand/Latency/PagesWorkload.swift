import QPW
import QPWPages

/// Lists whose owner adds folios now and then, which others drain: the proposal's own test. Kernel counterpart of the drain:
/// `lru_add_drain_all` (mm/swap.c).
final class PagesWorkload: Sendable {
    private let lru: PageLRU

    /// Folios that the owner adds at a touch.
    private static let burst = 4
    /// Folios that are evicted once there are so many.
    private static let capacity = 1024

    init(_ label: String, _ policy: QPWPolicy) {
        lru = PageLRU(label, policy: policy) { $0.deallocate() }
    }

    var inForce: PolicyInForce { lru.inForce }
    var contention: Contention { lru.contention }

    /// Adds folios, and evicts as many as there are too many.
    func touch() {
        for _ in 0..<Self.burst {
            guard let folio = Folio.allocate(payloadBytes: 64, node: lru.localNode) else { return }
            lru.add(folio)
            // The lists alone keep it.
            lru.release(folio)
        }
        evictSurplus()
    }

    private func evictSurplus() {
        guard lru.sizes.inactive.folios > Self.capacity else { return }
        withUnsafeTemporaryAllocation(of: Folio.self, capacity: 2 * Self.burst) { buffer in
            let count = lru.isolate(buffer.count, node: lru.localNode, into: buffer)
            for folio in buffer[..<count] { _ = lru.evicted(folio) }
        }
    }

    /// Drains all CPUs: `cpu` is the only one that has anything.
    func drain(_ cpu: CPU, timeout: Duration) throws(QPWTimeout) {
        try lru.drainAll(timeout: timeout)
    }
}
