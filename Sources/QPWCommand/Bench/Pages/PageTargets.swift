/// What is asked of page caches within one run.
extension Targets {
    var pages: [Target] {
        [
            ratio("hit/fence", "immutableDictionary", atMost: 1.2), throughput,
            ratio("add/fence", "add/singleThread", atMost: 1.15), listLocks,
        ].compactMap { $0 }
            + ["zipf", "scans", "loop", "database"].compactMap(againstExactLRU)
            + [figure("hitratio/zipf1M", atLeast: 81.5)].compactMap { $0 }
    }

    private var throughput: Target? {
        quotient(median("hit/fence", 1).map { 2 * $0 }, median("hit/fence", 2)).map {
            Target(name: "hit/fence, throughput of 2 threads / 1", value: $0, relation: .atLeast, limit: 1.8)
        }
    }

    private var listLocks: Target? { figure("updatesPerListLock/fence", atLeast: 25, threads: 2) }

    private func againstExactLRU(_ workload: String) -> Target? {
        guard let limit = median("hitratio/\(workload)/exactLRU", 1) else { return nil }
        return figure("hitratio/\(workload)", atLeast: limit)
    }

    private func figure(_ name: String, atLeast limit: Double, threads: Int = 1) -> Target? {
        median(name, threads).map { Target(name: name, value: $0, relation: .atLeast, limit: limit) }
    }
}
