/// What is asked of object caches, and of RCU, within one run. What is asked against other allocators: `Benchmarks/peers`.
extension Targets {
    private static let scaled = ["pair64", "batch100", "batch10k", "batch1M"]

    var objects: [Target] {
        [ratio("pair64/lock", "bare/two-cas-stores", atMost: 1.15)].compactMap { $0 }
            + Self.scaled.flatMap { workload in (Self.names + ["none"]).compactMap { scaling(workload, $0) } }
            + flushes
    }

    /// What each further CPU that holds something adds, so that the look at those that do not is no part of it.
    private var flushes: [Target] {
        Self.names.compactMap { policy in
            guard let none = flush(policy, 0), let ten = flush(policy, 10),
                let all = flush(policy, FlushSubjects.cpus)
            else { return nil }
            let name = "flush/\(policy), for each CPU of \(FlushSubjects.cpus) that holds something / of ten"
            return quotient((all - none) / Double(FlushSubjects.cpus), (ten - none) / 10).map {
                Target(name: name, value: $0, relation: .atMost, limit: 1.2)
            }
        }
    }

    private func flush(_ policy: String, _ holders: Int) -> Double? {
        median("flush/\(policy)/\(FlushSubjects.cpus)/\(holders)", 1)
    }

    /// Of the unlocked baseline it is only reported: it shows what two CPUs of this machine take from each other.
    private func scaling(_ workload: String, _ policy: String) -> Target? {
        let name = "\(workload)/\(policy)"
        return quotient(median(name, 2), median(name, 1)).map {
            Target(
                name: "\(name), 2 threads / 1", value: $0, relation: .atMost,
                limit: policy == "none" ? nil : 1.2)
        }
    }

    var grace: [Target] {
        let absolute: [(String, String, Double, Double)] = [
            ("rcu/read", "cycles", 1, 8), ("rcu/synchronize", "µs", 1000, 100),
            ("rcu/call", "µs", 1000, 1),
        ]
        return absolute.compactMap { name, unit, divisor, limit in
            quotient(median(name, 1), divisor).map {
                Target(name: "\(name), \(unit)", value: $0, relation: .atMost, limit: limit)
            }
        }
    }
}
