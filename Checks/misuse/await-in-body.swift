// expect: to parameter expecting synchronous function type
import QPW

// A task that suspends may resume on another thread, with the slot held by nobody who runs.
func suspend(_ slots: borrowing PerCPU<Int>) async {
    await slots.withLocal { count, _ in
        await Task.yield()
        count += 1
    }
}
