/// A ratio within one run, and what it should be.
struct Target: Encodable {
    enum Relation: String, Encodable {
        case atMost
        case atLeast
    }

    var name: String
    var value: Double
    var relation: Relation
    /// Nil where the figure is reported and nothing is asked of it.
    var limit: Double?

    var bound: String {
        limit.map { (relation == .atMost ? "<= " : ">= ") + Figures.significant($0) } ?? "none"
    }

    var isMet: Bool {
        guard let limit else { return true }
        return relation == .atMost ? value <= limit : value >= limit
    }
}

/// The targets that the figures of a run have something to say about.
struct Targets {
    private let results: [BenchResult]

    static let names = PolicyChoice.all.map(\.name)
    private static let withoutAtomics = ["queue", "fence", "deferred"]
    private static let inheriting = ["rtQueue", "rtLock"]

    init(_ results: [BenchResult]) {
        self.results = results
    }

    var all: [Target] {
        ownerCost + automatic + scaling + oversubscription + drains + scan + objects + grace + pages
    }

    // MARK: What the owner pays

    private var ownerCost: [Target] {
        let plain = Self.withoutAtomics.map { ratio("withLocal/\($0)", "bare/cas-store", atMost: 0.25) }
        return plain.compactMap { $0 }
            + [ratio("withLocal/lock", "bare/cas-store", atMost: 1.15), floor].compactMap { $0 }
    }

    /// What the ratios above could come to at best on this processor, whatever the protocol.
    private var floor: Target? { ratio("bare/flag", "bare/cas-store", atMost: nil) }

    private var automatic: [Target] {
        [ratio("withLocal/automatic", "withLocal/fence", atMost: 1.1)].compactMap { $0 }
    }

    func ratio(_ name: String, _ base: String, atMost limit: Double?) -> Target? {
        quotient(median(name, 1), median(base, 1)).map {
            Target(name: "\(name) / \(base)", value: $0, relation: .atMost, limit: limit)
        }
    }

    // MARK: Two threads, and more threads than CPUs

    private var scaling: [Target] {
        Self.names.compactMap { policy in
            let name = "withLocal/\(policy)"
            return quotient(median(name, 2), median(name, 1)).map {
                Target(name: "\(name), 2 threads / 1", value: $0, relation: .atMost, limit: 1.2)
            }
        }
    }

    /// Throughput is the inverse of what an operation costs; by CPU in use, as the figures are.
    private var oversubscription: [Target] {
        Self.names.compactMap { policy in
            let name = "withLocal/\(policy)"
            let limit: Double? = Self.inheriting.contains(policy) ? nil : 0.5
            return quotient(median(name, 1), median(name, LockSuite.manyThreads)).map {
                Target(
                    name: "\(name), throughput of \(LockSuite.manyThreads) threads / 1", value: $0,
                    relation: .atLeast, limit: limit)
            }
        }
    }

    // MARK: Drains

    private var drains: [Target] {
        Self.names.compactMap { policy in
            let (few, many) = (DrainSubjects.few, DrainSubjects.many)
            let name = "drain/\(policy), 1 of \(many) CPUs / 1 of \(few), less the scan"
            return quotient(drainWithoutScan(policy, many), drainWithoutScan(policy, few)).map {
                Target(name: name, value: max(0, $0), relation: .atMost, limit: 3)
            }
        }
    }

    private func drainWithoutScan(_ policy: String, _ cpus: Int) -> Double? {
        guard let drain = median("drain/\(policy)/\(cpus)/1", 1), let scan = median("scan/\(cpus)", 1) else {
            return nil
        }
        return drain - scan * Double(cpus)
    }

    /// What each further CPU adds, so that what a drain costs at all does not count.
    private var scan: [Target] {
        let few = Double(DrainSubjects.few), many = Double(DrainSubjects.many)
        guard let short = median("scan/\(DrainSubjects.few)", 1),
            let long = median("scan/\(DrainSubjects.many)", 1)
        else { return [] }
        let slope = Figures.rounded((long * many - short * few) / (many - few))
        return [Target(name: "scan, ns for a further CPU", value: slope, relation: .atMost, limit: 5)]
    }

    func median(_ name: String, _ threads: Int) -> Double? {
        results.first { $0.name == name && $0.threads == threads }?.median
    }

    func quotient(_ value: Double?, _ base: Double?) -> Double? {
        guard let value, let base, base > 0 else { return nil }
        return Figures.rounded(value / base)
    }
}
