public import QPW
import Synchronization

/// What one CPU holds of a cache: the value of its slot.
///
/// `main` is never nil; it comes first, which is where restartable pushes and pops look for it. Kernel counterpart:
/// `struct slub_percpu_sheaves` (mm/slub.c).
@usableFromInline
struct CPUSheaves: ~Copyable, RestartableStack, SnapshotReadable {
    /// What is allocated from and freed to.
    var main: Sheaf = .bootstrap
    /// Full or empty, or in between after a swap: what `main` is exchanged with before the barn is asked.
    var spare: Sheaf?
    /// Objects that are free once the readers of today are gone.
    var rcuFree: Sheaf?
    /// The index of the CPU's NUMA node.
    let node: Int
    /// The CPU's stall in the node's barn.
    let stall: Int
    /// Whether allocations pass by: an isolated CPU that nobody should have to drain.
    let isBypassed: Bool
    /// Written by who holds the slot, with a load and a store.
    let pops = Atomic<Int>(0)
    let pushes = Atomic<Int>(0)

    init(node: Int, stall: Int, isBypassed: Bool) {
        self.node = node
        self.stall = stall
        self.isBypassed = isBypassed
    }

    /// Whether there are sheaves for a drain to fetch, empty or not.
    var hasSheaves: Bool { !main.isBootstrap || spare != nil || rcuFree != nil }

    /// From `main`; nil if it is empty.
    mutating func pop() -> Object? {
        guard let object = main.pop() else { return nil }
        pops.store(pops.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        return Object(address: object)
    }

    func hasRoom(forObjectOf node: Int) -> Bool { node == self.node && !main.isFull }

    /// Onto `main`; false if it is full, or the object is of another node.
    mutating func push(_ object: Object, of node: Int) -> Bool {
        guard hasRoom(forObjectOf: node) else { return false }
        main.push(object.address)
        pushes.store(pushes.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        return true
    }

    /// Exchanges `main` with the spare, which there is.
    mutating func swapSpare() {
        guard let former = spare else { return }
        // The bootstrap sheaf is never a spare: it would be filled.
        spare = main.isBootstrap ? nil : main
        main = former
    }
}

/// An object's address, on its way between threads.
@usableFromInline
struct Object: @unchecked Sendable {
    @usableFromInline let address: UnsafeMutableRawPointer
}
