import QPW
import Synchronization

// Everything is under one mutex, which nobody holds while he frees.
//
// Entries that nobody has a reference to are *collected*. Those that were collected when a callback of RCU was asked for are
// *waiting* for it: every reader that could have found them has ended when it runs, since they left the table before. The
// callback frees these and asks for another if more have been collected meanwhile. So one callback is on its way at a time,
// however many entries there are, and none if there is nothing to free.

/// Frees entries once no reader can still see them.
final class Reaper: Sendable {
    private struct State {
        var collected: FolioChain
        var waiting: FolioChain
        var isCallbackDue: Bool
        /// Nobody reads any more.
        var isClosed: Bool
    }

    private let state = Guarded(
        State(collected: FolioChain(), waiting: FolioChain(), isCallbackDue: false, isClosed: false))
    let rcu: RCUDomain
    private let memory: EntryMemory
    /// Ends an entry's key and value.
    private let destroy: @Sendable (Folio) -> Void

    init(_ rcu: RCUDomain, _ memory: EntryMemory, destroy: @escaping @Sendable (Folio) -> Void) {
        self.rcu = rcu
        self.memory = memory
        self.destroy = destroy
    }

    /// Entries that wait to be freed.
    var pending: Int { state.withLock { $0.collected.count + $0.waiting.count } }

    /// Takes over entries without references. No lock of the cache may be held: their values' deinitialisers may run.
    func retire(_ chain: consuming FolioChain) {
        guard !chain.isEmpty else { return }
        let chain = chain
        enum Next { case nothing, askForCallback, free }
        let next = state.withLock { state -> Next in
            if state.isClosed { return .free }
            state.collected.append(chain)
            guard !state.isCallbackDue else { return .nothing }
            state.isCallbackDue = true
            state.waiting = state.collected.takeAll()
            return .askForCallback
        }
        switch next {
        case .nothing: break
        case .askForCallback: rcu.call { [self] in reap() }
        case .free: free(chain)
        }
    }

    private func reap() {
        let (ready, isCallbackDue) = state.withLock { state in
            let ready = state.waiting.takeAll()
            state.waiting = state.collected.takeAll()
            state.isCallbackDue = !state.waiting.isEmpty
            return (ready, state.isCallbackDue)
        }
        if isCallbackDue { rcu.call { [self] in reap() } }
        free(ready)
    }

    /// Says that there are no readers and will be none: what is left, and what comes, is freed at once.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            return [state.waiting.takeAll(), state.collected.takeAll()]
        }
        for chain in left { free(chain) }
    }

    private func free(_ chain: FolioChain) {
        guard !chain.isEmpty else { return }
        chain.forEach(destroy)
        memory.free(chain)
    }
}

/// Folios that are on no list, linked by their own links.
struct FolioChain: @unchecked Sendable {
    private var first: Folio?
    private var last: Folio?
    private(set) var count = 0

    var isEmpty: Bool { first == nil }

    mutating func push(_ folio: Folio) {
        folio.next = first
        first = folio
        if last == nil { last = folio }
        count += 1
    }

    mutating func pop() -> Folio? {
        guard let folio = first else { return nil }
        first = folio.next
        if first == nil { last = nil }
        count -= 1
        return folio
    }

    func forEach(_ body: (Folio) -> Void) {
        var next = first
        while let folio = next {
            body(folio)
            next = folio.next
        }
    }

    mutating func append(_ other: FolioChain) {
        guard let last = other.last else { return }
        last.next = first
        if first == nil { self.last = last }
        first = other.first
        count += other.count
    }

    mutating func takeAll() -> FolioChain {
        defer { self = FolioChain() }
        return self
    }
}
