/// A slot's value that begins with the address of a stack, so that its owner can push and pop at the least cost.
///
/// At that address lie the stack's size, its capacity, and its elements, a word each; no element is zero. Whoever changes the
/// address, or more than one element, takes the slot. A push or a pop is a single store of the new size: where there are
/// restartable sequences it is a section of its own, which goes through only while nobody holds or claims the slot and
/// nothing is pending on it; under an atomic lock it takes the slot for as long.
@usableFromInline
package protocol RestartableStack: ~Copyable {}

extension PerCPU where Value: RestartableStack & ~Copyable {
    /// What pushes and pops need to know, for who keeps many structures in a table.
    @inlinable @inline(__always)
    package var stackAccess: StackAccess {
        StackAccess(
            base: access.base, stride: Self.stride, sectionCount: access.sectionCount,
            exchangeCount: access.exchangeCount)
    }

    /// Takes the top element of this CPU's stack; nil if it is empty or the slot would have to be waited for.
    ///
    /// Never waits; async-signal-safe. Some 3 cycles, or one compare-and-exchange. Always nil under a priority-inheriting
    /// lock.
    @inlinable @inline(__always)
    package func popAtOnce() -> UnsafeMutableRawPointer? { stackAccess.popAtOnce() }

    /// Puts `element` on this CPU's stack; false if it is full or the slot would have to be waited for.
    @inlinable @inline(__always)
    package func pushAtOnce(_ element: UnsafeMutableRawPointer) -> Bool { stackAccess.pushAtOnce(element) }
}
