// The kernel proposal's own surface: a lock for each CPU, and work that is to run for one, wherever the policy has it run.
import Dispatch
import QPW

/// A list for each CPU, in storage that the program keeps itself.
final class Lists: @unchecked Sendable {
    private let lock = QPWLock("lists")
    private let lengths: UnsafeMutableBufferPointer<Int>
    private let flushed = PerCPUCounter()

    init() {
        lengths = .allocate(capacity: Topology.system.slotCount)
        lengths.initialize(repeating: 0)
    }

    deinit { lengths.deallocate() }

    func add() {
        let cpu = lock.lockLocal()
        lengths[cpu.id] += 1
        lock.unlockLocal(cpu)
    }

    /// Work to be queued for each CPU: it takes the lock of the CPU that it is given.
    func makeWork() -> [PerCPUWork] {
        Topology.system.possible.map { cpu in
            PerCPUWork(lock, cpu: cpu) { [self] cpu in
                lock.lock(cpu)
                let length = lengths[cpu.id]
                lengths[cpu.id] = 0
                lock.unlock(cpu)
                flushed.add(length)
            }
        }
    }

    var total: Int { flushed.value }
}

let lists = Lists()
DispatchQueue.concurrentPerform(iterations: 8) { _ in
    for _ in 0..<1000 { lists.add() }
}

// First to all, then wait for all: CPUs that have a worker for it do it at the same time.
let work = lists.makeWork()
for item in work { item.queue(on: item.cpu) }
for item in work { item.flush() }
print("flushed \(lists.total) entries of \(work.count) CPUs")
precondition(lists.total == 8000)
