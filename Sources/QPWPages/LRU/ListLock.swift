import CQPW
import QPW
import Synchronization

// word: 0 free, 1 held, 2 held and somebody may sleep on it.
//
// A sleeper exchanged 2 for what was there before he sleeps on 2, and who leaves exchanges 0 and wakes if he took a 2 away:
// so a sleep on a free lock does not happen, and no wake is lost. Who was woken takes the lock as 2, since others may sleep.

/// The lock of a node's lists: held for some thirty folios at a time, never for long, and never while waiting.
///
/// A lock of its own because a signal handler may try it: a mutex that the handler's own thread holds must merely fail.
/// Kernel counterpart: `lruvec->lru_lock` (include/linux/mmzone.h).
struct ListLock: @unchecked Sendable {
    private let word: UnsafeMutablePointer<Atomic<UInt32>>
    /// Written by who holds it.
    private let acquisitions: UnsafeMutablePointer<Atomic<Int>>

    private static let spins = 64

    /// In a line of its own: two nodes' locks must not share one.
    init() {
        let line = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
        word = line.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        word.initialize(to: Atomic(0))
        acquisitions = (line + 8).bindMemory(to: Atomic<Int>.self, capacity: 1)
        acquisitions.initialize(to: Atomic(0))
    }

    func destroy() { UnsafeMutableRawPointer(word).deallocate() }

    /// How often it was taken.
    var acquisitionCount: Int { acquisitions.pointee.load(ordering: .relaxed) }

    func lock() {
        if !tryTake() { waitForIt() }
        noteAcquisition()
    }

    /// Waits for nobody; async-signal-safe.
    func tryLock() -> Bool {
        guard tryTake() else { return false }
        noteAcquisition()
        return true
    }

    func unlock() {
        if word.pointee.exchange(0, ordering: .releasing) == 2 { System.wakeAll(UnsafeRawPointer(word)) }
    }

    private func tryTake() -> Bool {
        word.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
    }

    private func noteAcquisition() {
        let before = acquisitions.pointee.load(ordering: .relaxed)
        acquisitions.pointee.store(before &+ 1, ordering: .relaxed)
    }

    @inline(never)
    private func waitForIt() {
        for _ in 0..<Self.spins {
            qpw_pause()
            if word.pointee.load(ordering: .relaxed) == 0, tryTake() { return }
        }
        while word.pointee.exchange(2, ordering: .acquiring) != 0 {
            System.wait(on: UnsafeRawPointer(word), expected: 2, nanoseconds: nil)
        }
    }
}
