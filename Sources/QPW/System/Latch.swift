import CQPW
public import Synchronization

// field | who writes                      | memory order
// ------|---------------------------------|-------------------------------------------------------------------
// word  | who takes it: 0 to 1, or to 2   | CAS acquire; exchange acquire
//       | who leaves it: to 0             | exchange release
//
// 0: free; 1: held; 2: held, and somebody may sleep. Who sleeps has made it 2 before, and sleeps only if it is 2 still; who
// leaves looks at what he replaced, and if it was 2 wakes everybody. So no wake is lost: either the sleeper's exchange comes
// before the leaver's, who then finds 2, or after it, and then it finds 0, and the word is his. Who was woken takes it as 2,
// since he cannot know whether he was the only one.

/// State under a lock of one word, by its address: what is taken in a few cycles, held for as little as that, and neither
/// counted as a reference nor near anything else that is written. Whoever makes one destroys it.
///
/// Waits by a brief look, then in the kernel. As ``Guarded``, it is one that the thread sanitizer sees.
@frozen @usableFromInline
package struct Latch<State: ~Copyable>: @unchecked Sendable {
    @usableFromInline let block: UnsafeMutableRawPointer

    @inlinable static var stateOffset: Int { 16 }
    @inlinable static var looks: Int { 64 }

    package init(_ state: consuming State) {
        precondition(MemoryLayout<State>.alignment <= Self.stateOffset)
        let bytes = Self.stateOffset + MemoryLayout<State>.size
        block = .allocate(byteCount: (bytes + 127) & ~127, alignment: 128)
        block.initializeMemory(as: UInt32.self, to: 0)
        (block + Self.stateOffset).bindMemory(to: State.self, capacity: 1).initialize(to: state)
    }

    package func destroy() {
        state.deinitialize(count: 1)
        block.deallocate()
    }

    /// For what may be read without the lock.
    @inlinable
    package var state: UnsafeMutablePointer<State> {
        (block + Self.stateOffset).assumingMemoryBound(to: State.self)
    }

    @inlinable
    var word: UnsafeMutablePointer<Atomic<UInt32>> { block.assumingMemoryBound(to: Atomic<UInt32>.self) }

    @inlinable @inline(__always)
    package func withLock<R: ~Copyable, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        if _slowPath(!attempt()) { lockSlow() }
        defer { unlock() }
        return try body(&state.pointee)
    }

    @inlinable @inline(__always)
    func attempt() -> Bool {
        word.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
    }

    @usableFromInline @inline(never)
    func lockSlow() {
        for _ in 0..<Self.looks {
            qpw_pause()
            if word.pointee.load(ordering: .relaxed) == 0 && attempt() { return }
        }
        while word.pointee.exchange(2, ordering: .acquiring) != 0 {
            System.wait(on: block, expected: 2, nanoseconds: nil)
        }
    }

    @inlinable @inline(__always)
    func unlock() {
        if _slowPath(word.pointee.exchange(0, ordering: .releasing) == 2) { wake() }
    }

    @usableFromInline @inline(never)
    func wake() { System.wakeAll(block) }
}
