// Counts events on all CPUs, at the price of one restartable addition each, and reads the sum.
import Dispatch
import QPW

/// As long as the process: a counter is noncopyable, and so a global or a property of a final class.
enum Metrics {
    static let requests = PerCPUCounter()
    static let bytes = PerCPUCounter()
}

DispatchQueue.concurrentPerform(iterations: 8) { _ in
    for size in 0..<10_000 {
        Metrics.requests.add()
        Metrics.bytes.add(size)
    }
}

// Exact: everything that was added before is in it. Nobody who adds is disturbed by that.
print("\(Metrics.requests.value) requests, \(Metrics.bytes.value) bytes")
precondition(Metrics.requests.value == 80_000)
