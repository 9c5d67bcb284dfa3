import QPW

/// The figures of a run, as `--json` prints them and as the table and the conclusion use them.
struct LatencyReport: Encodable {
    struct Settings: Encodable {
        var workload: String
        var cpu: Int
        var housekeeper: Int
        var seconds: Double
        var rounds: Int
        var rate: Int
        var touchns: Int64
        var holdns: Int64
        var stallns: Int64
        var fifo: Int?
        var load: Int
    }

    struct Owner: Encodable {
        var involuntarySwitches: Int
        var voluntarySwitches: Int
        var gapsOver1us: UInt64
        var gapsOver10us: UInt64
        var p99ns: UInt64
        var p999ns: UInt64
        var maxns: UInt64
        var touches: UInt64
        var touchp50ns: UInt64
        var touchp99ns: UInt64
        var touchmaxns: UInt64
        /// Touches that took more than a microsecond: the slot was held, or the owner was interrupted in it.
        var touchWaits: UInt64
        var switches: Int { involuntarySwitches + voluntarySwitches }
    }

    struct Drain: Encodable {
        var count: UInt64
        var stalled: UInt64
        var abandoned: UInt64
        var meanns: Double
        var p50ns: UInt64
        var p99ns: UInt64
        var maxns: UInt64
        /// From when the drain was begun, however late.
        var servicemeanns: Double
        var servicep50ns: UInt64
        var longestHoldns: UInt64
        /// Of the owner, less what it has in as much idle time.
        var switchesPerDrain: Double
    }

    struct Result: Encodable {
        var policy: String
        var inForce: String?
        var seconds: Double
        var owner: Owner
        var drain: Drain?
    }

    var settings: Settings
    var results: [Result]
    var notes: [String]
    var interrupted: Bool
    var conclusion: String
}

extension LatencyReport {
    init(_ outcome: LatencyRun.Outcome) {
        settings = Settings(outcome.settings)
        results = outcome.contenders.indices.map { Result(outcome, $0) }
        notes = outcome.notes
        interrupted = outcome.wasInterrupted
        conclusion = Conclusion(results).text
    }
}

extension LatencyReport.Settings {
    fileprivate init(_ settings: LatencySettings) {
        workload = settings.workload.rawValue
        cpu = settings.cpus.owner.id
        housekeeper = settings.cpus.housekeeper.id
        seconds = Figures.rounded(settings.duration / .seconds(1))
        rounds = settings.rounds
        rate = settings.rate
        touchns = settings.touch.nanoseconds
        holdns = settings.hold.nanoseconds
        stallns = settings.stall.nanoseconds
        fifo = settings.fifoPriority
        load = settings.load
    }
}

extension LatencyReport.Result {
    fileprivate init(_ outcome: LatencyRun.Outcome, _ index: Int) {
        let contender = outcome.contenders[index]
        let samples = outcome.owner.samples[index]
        policy = contender.label
        seconds = Figures.rounded(CycleClock.calibrated.seconds(samples.cycles))
        owner = LatencyReport.Owner(samples)
        guard contender.kind == .drained else { return }
        inForce = "\(contender.inForce)"
        drain = LatencyReport.Drain(
            outcome.housekeeper.samples[index], contender,
            switches: Double(owner.switches) - outcome.idleSwitchesPerSecond * seconds)
    }
}

extension LatencyReport.Owner {
    init(_ samples: OwnerSamples) {
        involuntarySwitches = samples.usage.involuntarySwitches
        voluntarySwitches = samples.usage.voluntarySwitches
        gapsOver1us = samples.gaps.count
        gapsOver10us = samples.gapsOver10us
        p99ns = samples.gaps.percentile(99)
        p999ns = samples.gaps.percentile(99.9)
        maxns = samples.gaps.greatest
        touches = samples.touches.count
        touchp50ns = samples.touches.percentile(50)
        touchp99ns = samples.touches.percentile(99)
        touchmaxns = samples.touches.greatest
        touchWaits = samples.slowTouches
    }
}

extension LatencyReport.Drain {
    fileprivate init(_ samples: DrainSamples, _ contender: Contender, switches: Double) {
        count = samples.done
        stalled = samples.stalled
        abandoned = samples.abandoned
        meanns = Figures.rounded(samples.latencies.mean)
        p50ns = samples.latencies.percentile(50)
        p99ns = samples.latencies.percentile(99)
        maxns = samples.latencies.greatest
        servicemeanns = Figures.rounded(samples.services.mean)
        servicep50ns = samples.services.percentile(50)
        longestHoldns = CycleClock.calibrated.nanoseconds(contender.contention.longestRemoteHold)
        switchesPerDrain = Figures.rounded(max(0, switches) / Double(max(1, samples.done)))
    }
}

extension LatencyRun.Outcome {
    fileprivate var idleSwitchesPerSecond: Double {
        guard let idle = contenders.firstIndex(where: { $0.kind == .idle }) else { return 0 }
        let samples = owner.samples[idle]
        let switches = samples.usage.involuntarySwitches + samples.usage.voluntarySwitches
        return samples.cycles == 0 ? 0 : Double(switches) / CycleClock.calibrated.seconds(samples.cycles)
    }

    fileprivate var notes: [String] {
        let standIns = contenders.filter { $0.kind == .drained }.map { $0.inForce }
            .filter { $0.policy != $0.requested }
            .map { "\($0.requested) is carried out as \($0.policy): \($0.reason)" }
        let lost = lostSpans > 0 ? ["\(lostSpans) spans had no room in the trace"] : []
        return owner.notes + housekeeper.notes + standIns + lost
            + (wasInterrupted ? ["the run was ended early"] : [])
    }
}
