#if os(Linux) && !QPW_PORTABLE
import QPW

/// The figures of a run of `--kernel`, as `--json` prints them and as the table and the conclusion use them.
struct KernelReport: Encodable {
    struct Settings: Encodable {
        var cpu: Int
        var housekeeper: Int
        var seconds: Double
        var stallns: Int64
        var idlens: Int64
    }

    struct Culprit: Encodable {
        var name: String
        /// In so many calls it ran on the owner's CPU while the owner was off it.
        var calls: Int
    }

    struct Result: Encodable {
        var name: String
        var side: KernelSubject.Side
        var calls: Int
        var stalled: Int
        var switches: Int
        var switchesPerCall: Double
        /// Of the time in one call in which the owner was off its CPU.
        var awayp50ns: UInt64
        var awayp99ns: UInt64
        var awaymaxns: UInt64
        /// Of the part of it in which the kernel's work functions ran.
        var kernelWorkp50ns: UInt64
        var kernelWorkmaxns: UInt64
        /// Of the owner's longest gap in one call, interrupts included.
        var gapp50ns: UInt64
        var gapmaxns: UInt64
        /// Of what the caller waited.
        var waitp50ns: UInt64
        var waitp99ns: UInt64
        var waitmaxns: UInt64
        var culprits: [Culprit]
    }

    struct Phase: Encodable {
        var owner: String
        var priority: Int?
        var seconds: Double
        var results: [Result]
    }

    var settings: Settings
    var phases: [Phase]
    var notes: [String]
    var interrupted: Bool
    var conclusion: String
}

extension KernelReport {
    init(_ outcome: KernelRun.Outcome) {
        let cpus = outcome.settings.cpus
        settings = Settings(
            cpu: cpus.owner.id, housekeeper: cpus.housekeeper.id,
            seconds: Figures.rounded(outcome.settings.duration / .seconds(1)),
            stallns: outcome.settings.stall.nanoseconds, idlens: KernelSubject.idleTime.nanoseconds)
        phases = outcome.phases.map { Phase($0, outcome.subjects) }
        notes = outcome.notes + (outcome.wasInterrupted ? ["the run was ended early"] : [])
        interrupted = outcome.wasInterrupted
        conclusion = KernelConclusion(phases).text
    }
}

extension KernelReport.Phase {
    fileprivate init(_ phase: KernelRun.Phase, _ subjects: [KernelSubject]) {
        owner = phase.scheduling.name
        if case .fifo(let priority) = phase.scheduling { self.priority = priority }
        seconds = Figures.rounded(phase.seconds)
        results = zip(subjects, phase.samples).filter { $1.calls > 0 }.map { KernelReport.Result($0, $1) }
    }
}

extension KernelReport.Result {
    fileprivate init(_ subject: KernelSubject, _ samples: CallSamples) {
        name = subject.label
        side = subject.side
        calls = samples.calls
        stalled = samples.stalled
        switches = samples.switches
        switchesPerCall = Figures.rounded(Double(samples.switches) / Double(max(1, samples.calls)))
        awayp50ns = samples.timesAway.percentile(50)
        awayp99ns = samples.timesAway.percentile(99)
        awaymaxns = samples.timesAway.greatest
        kernelWorkp50ns = samples.kernelWork.percentile(50)
        kernelWorkmaxns = samples.kernelWork.greatest
        gapp50ns = samples.longestGaps.percentile(50)
        gapmaxns = samples.longestGaps.greatest
        waitp50ns = samples.waits.percentile(50)
        waitp99ns = samples.waits.percentile(99)
        waitmaxns = samples.waits.greatest
        culprits = samples.rankedCulprits.map { KernelReport.Culprit(name: $0.name, calls: $0.calls) }
    }
}
#endif
