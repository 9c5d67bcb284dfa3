// expect: escaping closure captures 'inout' parameter 'batch'
// expect: risks causing data races
import QPW

final class Batch { var items: [Int] = [] }

func capture(_ slots: borrowing PerCPU<Batch>) {
    slots.withLocal { batch, _ in
        Task { batch.items.append(1) }
    }
}
