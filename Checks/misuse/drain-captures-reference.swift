// expect: capture of 'all' with non-Sendable type 'Batch' in a '@Sendable' closure
import QPW

final class Batch { var items: [Int] = [] }

func sum(_ slots: borrowing PerCPU<Int>, into all: Batch) {
    slots.drain { count, _ in all.items.append(count) }
}
