// expect: is unavailable from asynchronous contexts
import QPW

func block(_ slots: borrowing PerCPU<Int>) async -> Int {
    slots.reduce(into: 0) { total, count, _ in total += count }
}
