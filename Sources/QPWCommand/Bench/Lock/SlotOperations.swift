import QPW
import Synchronization

final class WithLocalIncrement: Operation {
    private let slots: PerCPU<Int>

    init(_ policy: QPWPolicy) {
        slots = PerCPU("bench", policy: policy) { _ in 0 }
    }

    func perform(lane: Int) {
        slots.withLocal { value, _ in value &+= 1 }
    }
}

final class TryWithLocalIncrement: Operation {
    private let slots: PerCPU<Int>
    /// Where an increment goes that finds its slot held: what a caller who cannot wait would do.
    private let elsewhere = Atomic<Int>(0)

    init(_ policy: QPWPolicy) {
        slots = PerCPU("bench", policy: policy) { _ in 0 }
    }

    func perform(lane: Int) {
        if slots.tryWithLocal({ value, _ in value &+= 1 }) == nil {
            elsewhere.wrappingAdd(1, ordering: .relaxed)
        }
    }
}

final class QPWLockIncrement: Operation {
    private let lock: QPWLock
    private nonisolated(unsafe) let values: UnsafeMutablePointer<Int>

    /// Words from one CPU's value to the next one's.
    private static let stride = 16

    init(_ policy: QPWPolicy) {
        lock = QPWLock("bench", policy: policy)
        let words = max(Topology.system.slotCount, System.isPortable ? 1024 : 0) * Self.stride
        values = .allocate(capacity: words)
        values.initialize(repeating: 0, count: words)
    }

    deinit {
        values.deallocate()
    }

    func perform(lane: Int) {
        let cpu = lock.lockLocal()
        values[cpu.id &* Self.stride] &+= 1
        lock.unlockLocal(cpu)
    }
}
