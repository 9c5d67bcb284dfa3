// expect: capture of 'batch' with non-Sendable type 'Batch' in a '@Sendable' closure
import QPW

final class Batch { var items: [Int] = [] }

func move(_ slots: borrowing PerCPU<Batch>) {
    let batch = Batch()
    slots.drain { mine, _ in mine = batch }
}
