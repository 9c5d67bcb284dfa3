// The twins of escape-* and store-*: a new value in, the old one out, neither reachable from both sides.
import QPW

final class Batch { var items: [Int] = [] }

func exchange(_ slots: borrowing PerCPU<Batch>) -> Batch {
    slots.withLocal { batch, _ in
        let old = batch
        batch = Batch()
        return old
    }
}

func exchange(_ slots: borrowing PerCPU<[Int]>) -> [Int] {
    slots.withLocal { items, _ in
        let old = items
        items = []
        return old
    }
}

func count(_ slots: borrowing PerCPU<Batch>) -> Int {
    let remote = slots.perform(on: CPU(0)) { batch in batch.items.count }
    let all = slots.reduce(into: 0) { total, batch, _ in total += batch.items.count }
    let here = slots.tryWithLocal { batch, _ in batch.items.count }
    return remote + all + (here ?? 0)
}
