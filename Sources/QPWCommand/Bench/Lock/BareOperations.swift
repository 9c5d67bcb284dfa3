import CQPW
import Synchronization

// What no lock can beat, and what each kind of lock is measured against. Every thread has words of its own.

struct BareIncrement: Operation {
    let storage = LaneStorage()

    @inline(__always)
    func perform(lane: Int) {
        let value: UnsafeMutablePointer<Int> = storage.word(1, of: lane)
        value.pointee &+= 1
        qpw_optimiser_barrier()
    }
}

/// Load, test, store, increment, store: a lock word without any protocol. It excludes nobody.
struct BareFlag: Operation {
    let storage = LaneStorage()

    @inline(__always)
    func perform(lane: Int) {
        let flag: UnsafeMutablePointer<UInt32> = storage.word(0, of: lane)
        let value: UnsafeMutablePointer<Int> = storage.word(1, of: lane)
        guard flag.pointee == 0 else { return }
        flag.pointee = 1
        qpw_optimiser_barrier()
        value.pointee &+= 1
        qpw_optimiser_barrier()
        flag.pointee = 0
        qpw_optimiser_barrier()
    }
}

/// Compare-and-exchange, increment, store: the least that a lock with an atomic instruction costs.
struct BareCASStore: Operation {
    let storage = LaneStorage()

    @inline(__always)
    func perform(lane: Int) {
        let flag: UnsafeMutablePointer<Atomic<UInt32>> = storage.word(0, of: lane)
        let value: UnsafeMutablePointer<Int> = storage.word(1, of: lane)
        let attempt = flag.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring)
        guard attempt.exchanged else { return }
        value.pointee &+= 1
        flag.pointee.store(0, ordering: .releasing)
    }
}
