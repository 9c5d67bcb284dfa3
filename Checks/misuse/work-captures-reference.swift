// expect: capture of 'batch' with non-Sendable type 'Batch' in a '@Sendable' closure
import QPW

final class Batch { var items: [Int] = [] }

func make(_ lock: QPWLock, _ batch: Batch) -> PerCPUWork {
    PerCPUWork(lock, cpu: CPU(0)) { _ in batch.items = [] }
}
