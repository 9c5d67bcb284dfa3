// A structure that a signal handler reaches, too: the handler tries, and who must not fail blocks signals.
import Foundation
import QPW
import Synchronization

/// Counts by CPU, in memory that the handler may touch.
enum Ticks {
    static let lock = QPWLock("ticks")
    nonisolated(unsafe) static let counts = UnsafeMutablePointer<Int>.allocate(
        capacity: Topology.system.slotCount)
    static let missed = Atomic<Int>(0)

    /// For handlers: a lock that is held, perhaps by the very code that was interrupted, is not waited for.
    static func tick() {
        guard let cpu = lock.tryLock() else {
            missed.add(1, ordering: .relaxed)
            return
        }
        counts[cpu.id] += 1
        lock.unlockAfterTry(cpu)
    }

    /// For everybody else: no handler comes while the lock is held, so none can miss.
    static func take() -> Int {
        let hold: QPWLock.MaskedHold = lock.lockLocalMaskingSignals()
        let sum = (0..<Topology.system.slotCount).reduce(0) { $0 + counts[$1] }
        lock.unlockLocal(hold)
        return sum
    }
}

// Made before the handler can come: it must not be the first to use them.
Ticks.counts.initialize(repeating: 0, count: Topology.system.slotCount)
precondition(Ticks.take() == 0)

signal(SIGUSR1) { _ in Ticks.tick() }
for _ in 0..<1000 { raise(SIGUSR1) }
let missed = Ticks.missed.load(ordering: .relaxed)
print("\(Ticks.take()) ticks, \(missed) missed")
precondition(Ticks.take() + missed == 1000)
