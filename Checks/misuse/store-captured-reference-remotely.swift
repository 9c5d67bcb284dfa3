// expect: cannot be task-isolated at end of function
import QPW

final class Batch { var items: [Int] = [] }

func store(_ slots: borrowing PerCPU<Batch>, _ mine: Batch) {
    slots.perform(on: CPU(0)) { batch in batch = mine }
}
