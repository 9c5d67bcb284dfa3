// Collects measurements in a batch for each CPU, and hands them on in bulk: when a batch is full, or somebody drains.
import Dispatch
import QPW

/// What one CPU has collected. Noncopyable, so that a batch cannot be handed on twice.
struct Batch: ~Copyable {
    private(set) var values: [Double] = []

    /// The batch's values, if it is full.
    mutating func add(_ value: Double) -> [Double]? {
        values.append(value)
        return values.count < 32 ? nil : take()
    }

    mutating func take() -> [Double] {
        defer { values.removeAll(keepingCapacity: true) }
        return values
    }
}

final class Histogram: Sendable {
    private let batches = PerCPU<Batch>("measurements") { _ in Batch() }
    private let written = PerCPUCounter()

    func record(_ value: Double) {
        // The slot is held for a few instructions; the writing is done outside.
        let full = batches.withLocal { batch, cpu in
            batches.markDirty(cpu)
            return batch.add(value)
        }
        if let full { write(full) }
    }

    /// What all CPUs have: only those that marked something are visited, and their owners go on working.
    func flush() {
        batches.drain { batch, _ in self.write(batch.take()) }
    }

    private func write(_ values: [Double]) { written.add(values.count) }

    var count: Int { written.value }
}

let histogram = Histogram()
DispatchQueue.concurrentPerform(iterations: 8) { _ in
    for step in 0..<1000 { histogram.record(Double(step)) }
}
print("in full batches: \(histogram.count)")
histogram.flush()
print("after a flush:   \(histogram.count)")
precondition(histogram.count == 8000)
