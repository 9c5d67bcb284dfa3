// The twin of drain-*: what several bodies share is Sendable.
import QPW
import Synchronization

func sum(_ slots: borrowing PerCPU<Int>) -> Int {
    let total = Atomic(0)
    slots.drain { count, _ in
        total.wrappingAdd(count, ordering: .relaxed)
        count = 0
    }
    return total.load(ordering: .relaxed)
}
