// expect: cannot be task-isolated at end of function
import QPW

final class Batch { var items: [Int] = [] }

// The caller keeps its reference: the slot's lock would not cover it.
func store(_ slots: borrowing PerCPU<Batch>, _ mine: Batch) {
    slots.withLocal { batch, _ in batch = mine }
}
