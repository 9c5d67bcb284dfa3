// The twin of make-value-from-captured-reference: a new value for each CPU; failing is passed on.
import QPW

final class Batch { var items: [Int] = [] }
struct Failure: Error {}

func make() -> PerCPU<Batch> {
    PerCPU<Batch>("batches", policy: .queue) { _ in Batch() }
}

func makeOrThrow(_ limit: Int) throws(Failure) -> PerCPU<Int> {
    try PerCPU<Int>("limited") { (cpu: CPU) throws(Failure) in
        if cpu.id > limit { throw Failure() }
        return 0
    }
}

let global = PerCPU<Int>("global") { _ in 0 }

final class Owner: Sendable {
    let counts = PerCPU<Int>("Owner.counts") { _ in 0 }
}
