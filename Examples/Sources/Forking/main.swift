// Before `fork` without `exec`: workers end, so that the child has no slot that a thread holds which it does not have.
import QPW

let totals = PerCPU<Int>("totals", policy: .queue) { _ in 0 }

func add() {
    // Under this policy a worker does it, and so there are threads now.
    for cpu in Topology.system.online { totals.perform(on: cpu) { total in total += 1 } }
}

add()
// Nobody may use a structure from here until after the fork; workers start anew, in parent and child, with the next work.
QPWProcess.prepareForFork()
add()

let sum = totals.reduce(into: 0) { sum, total, _ in sum += total }
print("\(sum) for \(Topology.system.online.count) CPUs")
precondition(sum == 2 * Topology.system.online.count)
