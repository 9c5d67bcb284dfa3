// expect: to parameter expecting synchronous function type
import QPW

func suspend(_ slots: borrowing PerCPU<Int>) async {
    await slots.drain { count, _ in
        await Task.yield()
        count += 1
    }
}
