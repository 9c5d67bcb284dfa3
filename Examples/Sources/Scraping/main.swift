// Statistics that are scraped without disturbing who writes them, and marks that tell a housekeeper where to go.
import Dispatch
import QPW
import Synchronization

/// Read while it changes: so every field that is read that way is atomic.
struct Statistics: ~Copyable, SnapshotReadable {
    let requests = Atomic<Int>(0)
    let failures = Atomic<Int>(0)
    /// Reached under the slot's lock only.
    var unsent: [String] = []
}

extension Dirty {
    static let hasUnsent = Dirty(rawValue: 1)
    static let hasFailed = Dirty(rawValue: 2)
}

let statistics = PerCPU<Statistics>("statistics") { _ in Statistics() }

func handle(_ request: Int) {
    let isFailure = request % 100 == 0
    statistics.withLocal { mine, cpu in
        // Only owners write, each in his own slot: no addition needs to be atomic, only whole.
        mine.requests.store(mine.requests.load(ordering: .relaxed) + 1, ordering: .relaxed)
        guard isFailure else { return }
        mine.failures.store(mine.failures.load(ordering: .relaxed) + 1, ordering: .relaxed)
        mine.unsent.append("request \(request) failed")
        statistics.markDirty(cpu, [.hasUnsent, .hasFailed])
    }
}

DispatchQueue.concurrentPerform(iterations: 4) { _ in
    for request in 1...1000 { handle(request) }
}

// Takes no lock: the owners notice nothing.
let sum = statistics.snapshot(into: (requests: 0, failures: 0)) { sum, slot, _ in
    sum.requests += slot.requests.load(ordering: .relaxed)
    sum.failures += slot.failures.load(ordering: .relaxed)
}
print("\(sum.requests) requests, \(sum.failures) failures")
precondition(sum.requests == 4000 && sum.failures == 40)

// Visits the slots that say so, and no others; what was said is cleared there.
let sent = PerCPUCounter()
statistics.drain(where: { $0.contains(.hasUnsent) }, clearing: .hasUnsent) { slot, _ in
    sent.add(slot.unsent.count)
    slot.unsent = []
}
precondition(sent.value == 40)
precondition(statistics.cpus.allSatisfy { !statistics.dirty(of: $0).contains(.hasUnsent) })
