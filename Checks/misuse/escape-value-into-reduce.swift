// expect: cannot be task-isolated at end of function
import QPW

final class Batch { var items: [Int] = [] }

func escape(_ slots: borrowing PerCPU<Batch>) -> [Batch] {
    slots.reduce(into: [Batch]()) { all, batch, _ in all.append(batch) }
}
