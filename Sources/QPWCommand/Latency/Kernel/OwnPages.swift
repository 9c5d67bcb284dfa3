import QPW
import QPWPages

/// This library's page lists under one policy: what the owner puts into its batch, and the drain that takes it out.
final class OwnPages: Sendable {
    private let lru: PageLRU
    private let folios: [Folio]

    init(_ policy: QPWPolicy) {
        lru = PageLRU("qpw-kernel", policy: policy) { $0.deallocate() }
        folios = (0..<4).compactMap { _ in Folio.allocate(payloadBytes: 0) }
        for folio in folios { lru.add(folio) }
        // From here on they are on the lists, and what is done to them goes through a batch.
        lru.drainLocal()
    }

    deinit {
        for folio in folios { lru.release(folio) }
    }

    /// As a page that is used, and then no longer.
    func use() {
        for folio in folios {
            if folio.state.contains(.active) { lru.deactivate(folio) } else { lru.activate(folio) }
        }
    }

    func drain() { lru.drainAll() }
}

extension KernelSubject {
    static func pages(_ choice: PolicyChoice) -> KernelSubject {
        let pages = OwnPages(choice.policy)
        return KernelSubject(
            label: "PageLRU, \(choice.name)", side: .library, prepare: { pages.use() }, use: { pages.use() },
            call: {
                pages.drain()
                return .done
            })
    }
}

extension PolicyChoice {
    /// Whether a drain comes to an end whatever the owner does.
    var endsDrains: Bool {
        #if QPW
        policy != .deferred(escalateAfter: nil)
        #else
        true
        #endif
    }
}
