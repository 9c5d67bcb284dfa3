// Work that waits a while before it runs, in a queue of its own: what comes meanwhile is done in the same run.
import QPW
import Synchronization

let lock = QPWLock("journal")
let lines = PerCPUCounter()
let writes = Atomic<Int>(0)

/// Named, with a worker for each CPU that is started when the first work comes.
let queue = WorkQueue("journal")
let cpu = Topology.system.housekeeping.first ?? 0
let write = PerCPUWork(lock, cpu: cpu) { cpu in
    lock.lock(cpu)
    writes.add(1, ordering: .relaxed)
    lock.unlock(cpu)
}

// Only the first of them queues it; for the others it is pending.
var queued = 0
for _ in 0..<100 {
    lines.add()
    if write.queue(on: cpu, in: queue, after: .milliseconds(20)) { queued += 1 }
}
precondition(write.isPending && queued == 1)

// Who needs it now does not wait for the delay.
write.flush()
print("\(lines.value) lines, writes: \(writes.load(ordering: .relaxed))")
precondition(writes.load(ordering: .relaxed) == 1)

// What is not needed any more is taken back, and true says that it had not begun.
write.queue(on: cpu, in: queue, after: .seconds(3600))
precondition(write.cancelAndWait())
queue.drain()
precondition(!write.isPending && writes.load(ordering: .relaxed) == 1)
