// Who does remote work, and what that costs whom: a policy, chosen for the process or for one structure.
import QPW

// Once, before the first structure is made; the environment variable QPW would be weaker than that.
QPWPolicy.bootstrap(.automatic)
print("process: \(QPWPolicy.current)")

let policies: [QPWPolicy] = [
    .queue, .lock, .fence, .deferred(escalateAfter: .milliseconds(5)), .rtQueue, .rtLock,
]
let clock = ContinuousClock()
for policy in policies {
    // The code that uses the structure is the same under each.
    let totals = PerCPU<Int>("totals", policy: policy) { _ in 0 }
    for _ in 0..<1000 { totals.withLocal { total, _ in total += 1 } }
    let elapsed = clock.measure {
        for cpu in Topology.system.online { totals.perform(on: cpu) { total in total += 1 } }
    }
    let sum = totals.reduce(into: 0) { sum, total, _ in sum += total }
    precondition(sum == 1000 + Topology.system.online.count)
    // What this machine makes of it, and why: a system without membarrier, say, has `lock` for `fence`.
    print("\(totals.inForce): remote work on each CPU took \(elapsed)")
}
