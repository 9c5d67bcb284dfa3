// expect: is unavailable from asynchronous contexts
import QPW

// With a time-out there is only the form that blocks its thread.
func block(_ slots: borrowing PerCPU<Int>) async throws {
    try slots.perform(on: CPU(0), timeout: .seconds(1)) { count in count += 1 }
}
