// expect: cannot be task-isolated at end of function
import QPW

final class Batch { var items: [Int] = [] }

// The value is the slot's: outside of its lock two threads would change it at once.
func escape(_ slots: borrowing PerCPU<Batch>) -> Batch {
    var outside = Batch()
    slots.withLocal { batch, _ in outside = batch }
    return outside
}
