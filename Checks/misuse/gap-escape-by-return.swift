// gap: swiftlang/swift#81274
// What a body returns leaves the slot, and must not be reachable from it any more: this ought not to compile.
// The compiler lets a generic result alias an `inout sending` parameter, for Mutex as for PerCPU.
import QPW
import Synchronization

final class Batch { var items: [Int] = [] }

func escape(_ mutex: borrowing Mutex<Batch>) -> Batch {
    mutex.withLock { batch in batch }
}

func escape(_ slots: borrowing PerCPU<Batch>) -> Batch {
    slots.withLocal { batch, _ in batch }
}

func escapeFromTry(_ slots: borrowing PerCPU<Batch>) -> Batch? {
    slots.tryWithLocal { batch, _ in batch }
}

func escapeFromPerform(_ slots: borrowing PerCPU<Batch>) -> Batch {
    slots.perform(on: CPU(0)) { batch in batch }
}
