// traits: none
// The twin of traitless-*: the one policy that is left, and code that is written once.
import QPW

let slots = PerCPU<Int>("slots", policy: .queue) { _ in 0 }

func use() -> Int {
    slots.withLocal { count, _ in count += 1 }
    return slots.reduce(into: 0) { total, count, _ in total += count }
}
