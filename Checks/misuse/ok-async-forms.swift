// The twin of await-in-body and of the noasync misuses: what a task is to call.
import QPW

func hot(_ slots: borrowing PerCPU<Int>) async {
    await Task.yield()
    slots.withLocal { count, _ in count += 1 }
    await Task.yield()
}

func remote(_ slots: borrowing PerCPU<Int>) async -> Int {
    await slots.drain { count, _ in count = 0 }
    return await slots.perform(on: CPU(0)) { count in count }
}

func flush(_ work: PerCPUWork) async {
    await work.flush()
}
