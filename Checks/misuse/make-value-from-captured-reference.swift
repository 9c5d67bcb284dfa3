// expect: as a 'sending' result risks causing data races
import QPW

final class Batch { var items: [Int] = [] }

// Every CPU would have the same batch under a lock of its own.
func make(_ shared: Batch) -> PerCPU<Batch> {
    PerCPU<Batch>("shared", policy: .queue) { _ in shared }
}
