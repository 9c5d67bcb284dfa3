/// What was seen of one subject's calls in one phase.
struct CallSamples: Sendable {
    private(set) var calls = 0
    private(set) var stalled = 0
    /// Why it cannot be called here; then it is not called again.
    private(set) var failure: String?
    /// How long the caller waited.
    private(set) var waits = Distribution()
    /// How long the owner was off its CPU in one call, all in all.
    private(set) var timesAway = Distribution()
    /// And for how much of that threads had it that ran the kernel's work functions.
    private(set) var kernelWork = Distribution()
    private(set) var switches = 0
    /// In how many calls each ran on the owner's CPU while the owner was off it.
    private(set) var culprits: [String: Int] = [:]
    var longestGaps = Distribution()

    mutating func add(
        _ outcome: KernelSubject.Outcome, waited: Int64, hasStalled: Bool,
        absences: [OwnerTimeline.Absence]
    ) {
        if case .failed(let reason) = outcome {
            failure = reason
            return
        }
        calls += 1
        if hasStalled { stalled += 1 }
        waits.record(UInt64(max(0, waited)))
        timesAway.record(UInt64(absences.reduce(0) { $0 + max(0, $1.nanoseconds) }))
        kernelWork.record(UInt64(absences.reduce(0) { $0 + max(0, $1.kernelWork) }))
        switches += absences.count
        for culprit in Set(absences.flatMap(\.culprits)) { culprits[culprit, default: 0] += 1 }
    }

    /// Those who ran most often first.
    var rankedCulprits: [(name: String, calls: Int)] {
        culprits.map { (name: $0.key, calls: $0.value) }
            .sorted { ($1.calls, $0.name) < ($0.calls, $1.name) }
    }
}
