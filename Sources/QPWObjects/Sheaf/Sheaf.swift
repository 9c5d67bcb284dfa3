import QPW

// A sheaf's memory:
//
// offset | field                                   | written by
// -------|-----------------------------------------|----------------------------------------------------------
//  -32   | next, in a barn's list                  | the barn, under its lock
//  -24   | node of its objects, when on its way    | who has detached it
//    0   | size                                    | who holds the slot, or a restartable section on its CPU
//    8   | capacity                                | once
//   16   | objects                                 | as size
//
// From 0 on it is the layout that `RestartableStack` asks for.

/// An array of free objects: what a CPU allocates from and frees to. By its address.
///
/// Kernel counterpart: `struct slab_sheaf` (mm/slub.c).
@usableFromInline
package struct Sheaf: @unchecked Sendable {
    @usableFromInline let stack: UnsafeMutablePointer<Int>

    private static let prefix = 32

    /// The sheaf of a CPU that has none: of capacity zero, so that nothing is ever pushed, popped or written, and one serves
    /// all.
    static let bootstrap: Sheaf = {
        guard let sheaf = make(capacity: 0, from: .system) else { trap("no memory for a sheaf") }
        return sheaf
    }()

    var isBootstrap: Bool { capacity == 0 }

    /// Nil if there is no memory for it.
    package static func make(capacity: Int, from memory: MemorySource) -> Sheaf? {
        guard let block = memory.allocate(prefix + 16 + max(capacity, 1) * 8) else { return nil }
        let stack = (block + prefix).bindMemory(to: Int.self, capacity: 2)
        stack[0] = 0
        stack[1] = capacity
        let sheaf = Sheaf(stack: stack)
        sheaf.next = nil
        return sheaf
    }

    func destroy(_ memory: MemorySource) {
        memory.free(UnsafeMutableRawPointer(stack) - Self.prefix)
    }

    @inlinable package var size: Int {
        get { stack[0] }
        nonmutating set { stack[0] = newValue }
    }

    @inlinable package var capacity: Int { stack[1] }
    @inlinable package var isEmpty: Bool { size == 0 }
    @inlinable package var isFull: Bool { size == capacity }

    /// The objects, and behind them room for those that are missing.
    @inlinable package var objects: UnsafeMutablePointer<UnsafeMutableRawPointer> {
        UnsafeMutableRawPointer(stack + 2).assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    }

    @inlinable
    package func push(_ object: UnsafeMutableRawPointer) {
        objects[size] = object
        size += 1
    }

    @inlinable
    package func pop() -> UnsafeMutableRawPointer? {
        guard !isEmpty else { return nil }
        size -= 1
        return objects[size]
    }

    var next: Sheaf? {
        get {
            (UnsafeMutableRawPointer(stack) - 32).load(as: UnsafeMutablePointer<Int>?.self).map {
                Sheaf(stack: $0)
            }
        }
        nonmutating set {
            (UnsafeMutableRawPointer(stack) - 32).storeBytes(
                of: newValue?.stack, as: UnsafeMutablePointer<Int>?.self)
        }
    }
}
