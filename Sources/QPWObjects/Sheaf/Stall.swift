import QPW
import Synchronization

/// One CPU's part of a barn. By its address.
///
/// Counts can be read without the lock, so that who would find nothing does not take it. Limits are the kernel's. An exchange
/// adds no sheaf and is not refused for what it leaves; who brings a full one is, where there are twenty of either kind: so
/// a stall that only gets full sheaves, from those who free what another CPU allocates, does not fill up with empty ones.
package struct Stall: Sendable {
    static let maxFull = 10
    package static let maxEmpty = 10

    private let stacks = Latch(Stacks())

    func destroy() { stacks.destroy() }

    private var mayHaveFull: Bool { stacks.state.pointee.full.mayHaveOne }
    private var mayHaveEmpty: Bool { stacks.state.pointee.empty.mayHaveOne }

    /// Whether it has taken all the full sheaves that it wants.
    var isSated: Bool { stacks.state.pointee.full.hasReached(Self.maxFull) }

    /// What it has, as far as can be seen without its lock.
    var counts: (full: Int, empty: Int) { (stacks.state.pointee.full.hint, stacks.state.pointee.empty.hint) }

    /// A full sheaf in exchange for an empty one; nil, and the empty one stays the caller's, if there is none.
    package func replaceEmpty(_ empty: Sheaf) -> Sheaf? {
        guard mayHaveFull else { return nil }
        return stacks.withLock { stacks in
            guard let full = stacks.full.pop() else { return nil }
            stacks.empty.push(empty)
            return full
        }
    }

    /// An empty sheaf in exchange for a full one; nil, and the full one stays the caller's, if it has no room or none.
    package func replaceFull(_ full: Sheaf) -> Sheaf? {
        guard mayHaveEmpty, !isSated else { return nil }
        return stacks.withLock { stacks in
            guard !stacks.full.hasReached(Self.maxFull), let empty = stacks.empty.pop() else { return nil }
            stacks.full.push(full)
            return empty
        }
    }

    func takeEmpty() -> Sheaf? {
        guard mayHaveEmpty else { return nil }
        return stacks.withLock { $0.empty.pop() }
    }

    func takeFull() -> Sheaf? {
        guard mayHaveFull else { return nil }
        return stacks.withLock { $0.full.pop() }
    }

    /// False, and the sheaf stays the caller's, if it has enough full ones.
    func putFull(_ sheaf: Sheaf) -> Bool {
        stacks.withLock { stacks in
            guard stacks.full.hint + stacks.empty.hint < Self.maxFull + Self.maxEmpty else { return false }
            return stacks.full.push(sheaf, upTo: Self.maxFull)
        }
    }

    /// False, and the sheaf stays the caller's, if it has enough empty ones.
    package func putEmpty(_ sheaf: Sheaf) -> Bool {
        stacks.withLock { $0.empty.push(sheaf, upTo: Self.maxEmpty) }
    }
}

private struct Stacks: ~Copyable {
    var full = SheafStack()
    var empty = SheafStack()
}

/// Sheaves that are linked to each other. Changed under a lock; the count may be read without it, as a hint.
private struct SheafStack: ~Copyable {
    private var top: Sheaf?
    private let count = Atomic<Int>(0)

    var hint: Int { count.load(ordering: .relaxed) }

    var mayHaveOne: Bool { hint > 0 }

    func hasReached(_ limit: Int) -> Bool { hint >= limit }

    mutating func pop() -> Sheaf? {
        guard let sheaf = top else { return nil }
        top = sheaf.next
        count.store(hint - 1, ordering: .relaxed)
        return sheaf
    }

    mutating func push(_ sheaf: Sheaf) {
        sheaf.next = top
        top = sheaf
        count.store(hint + 1, ordering: .relaxed)
    }

    mutating func push(_ sheaf: Sheaf, upTo limit: Int) -> Bool {
        guard !hasReached(limit) else { return false }
        push(sheaf)
        return true
    }
}
