// expect: risks causing data races
import QPW

final class Batch { var items: [Int] = [] }

func capture(_ slots: borrowing PerCPU<Batch>) {
    slots.withLocal { batch, _ in
        let same = batch
        Task { same.items.append(1) }
    }
}
