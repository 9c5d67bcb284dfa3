import ArgumentParser
import Foundation
import QPW

struct LatencyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "What housekeeping does to a busy owner, policy by policy, in one run.",
        discussion: """
            An owner, pinned to one CPU, reads the clock in a loop and touches its slot now and then. \
            A housekeeper on another CPU drains that slot on a schedule. The owner records every gap of more \
            than a microsecond in its own time and how long its own slot took; a drain is timed from when it \
            was due. The policies take turns, round by round, with idle rounds in which nothing is drained.
            """)

    @Option(
        help:
            "A policy to measure; repeatable. Default: all that work here, but automatic, which is one."
    )
    var policy: [PolicyChoice] = []

    @Option(help: "What the owner uses and the housekeeper drains: a slot, an object cache, LRU lists.")
    var workload = Workload.slot

    @Option(help: "The owner's CPU. Default: an isolated one, else the last allowed.")
    var cpu: Int?

    @Option(help: "The housekeeper's CPU. Default: the first other one.")
    var housekeeper: Int?

    @Option(help: "How long the whole measurement takes, idle rounds included.")
    var duration = TimeSpan(.seconds(18))

    @Option(help: "Drains a second.")
    var rate = 1000

    @Option(help: "How often the owner touches its slot.")
    var touch = TimeSpan(.microseconds(100))

    @Option(help: "How long a drain works while it holds the slot, beyond emptying it.")
    var hold = TimeSpan(.zero)

    @Option(help: "Run the owner under SCHED_FIFO with this priority, 1 to 99; needs the privilege.")
    var fifo: Int?

    @Option(help: "Busy threads beside the housekeeper, so that it is preempted while it holds the slot.")
    var load = 0

    @Option(help: "A drain that is later than this counts as stalled.")
    var stall = TimeSpan(.seconds(2))

    @Option(help: "Write percentile files (.hgrm, microseconds) to this directory.")
    var hgrm: String?

    @Option(
        help: """
            Write what happened when to this file, in the Chrome trace-event format, which Perfetto opens: gaps, \
            touches of more than a microsecond, and drains.
            """)
    var trace: String?

    @Flag(
        help: """
            Measure instead what the kernel's own housekeeping does to the owner, beside a drain by this library \
            under each policy; first with an ordinary owner, then under SCHED_FIFO. Needs root. Of the other \
            options --policy, --cpu, --housekeeper, --duration, --stall, --fifo and --json hold.
            """)
    var kernel = false

    @Option(
        help: """
            With --kernel, what to call; repeatable. Default: move_pages, collapse, flushbufs. The other two burden \
            the whole machine.
            """)
    var trigger: [KernelTrigger] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try Self.check(rate, in: 1...100_000, "--rate", "drains a second")
        try Self.check(load, in: 0...64, "--load", "threads")
        if let fifo { try Self.check(fifo, in: 1...99, "--fifo", "as a priority") }
        try Self.check(duration, atLeast: .milliseconds(100), "--duration")
        try Self.check(touch, atLeast: .microseconds(1), "--touch")
        try Self.check(stall, atLeast: .milliseconds(1), "--stall")
        if workload != .slot && hold.duration > .zero {
            throw ValidationError("--hold: only the workload slot has a drain that can be drawn out.")
        }
        guard hold.duration < stall.duration else {
            throw ValidationError(
                "--hold must be shorter than --stall: else every drain would count as stalled.")
        }
        guard !kernel || trace == nil else {
            throw ValidationError("--trace goes without --kernel, whose events are tracefs's.")
        }
        guard kernel || trigger.isEmpty else { throw ValidationError("--trigger goes with --kernel.") }
    }

    func run() throws {
        if kernel { return try runKernel() }
        let settings = try settings(on: .system)
        let files = try hgrm.map(PercentileFiles.init(directory:))
        let traceFile = try trace.map { try OutputFile($0, for: "--trace") }
        let outcome = try LatencyRun(settings).measure()
        try files?.write(outcome)
        try traceFile?.write(TraceDocument(outcome).text())
        let report = LatencyReport(outcome)
        StandardOutput.write(
            json ? try JSONDocument(schema: "qpw.latency/1", body: report).text() : report.text)
        if outcome.wasInterrupted { throw ExitCode(Interruption.exitCode) }
    }

    func settings(on topology: Topology) throws -> LatencySettings {
        LatencySettings(
            cpus: try CPUPair(from: topology, owner: cpu, housekeeper: housekeeper),
            bystanders: topology.allowed,
            workload: workload, policies: policy.isEmpty ? Self.defaultPolicies : policy.withoutRepetitions,
            duration: duration.duration, rate: rate, touch: touch.duration, hold: hold.duration,
            fifoPriority: fifo, load: load, stall: stall.duration,
            keeping: trace == nil ? .distributions : .spans)
    }

    private static var defaultPolicies: [PolicyChoice] {
        PolicyChoice.all.filter { $0.isCarriedOut && $0.name != "automatic" }
    }

    private static func check(
        _ value: Int, in range: ClosedRange<Int>, _ option: String, _ unit: String
    ) throws {
        guard range.contains(value) else {
            throw ValidationError("\(option) \(value): \(range.lowerBound) to \(range.upperBound) \(unit).")
        }
    }

    private static func check(_ span: TimeSpan, atLeast least: Duration, _ option: String) throws {
        guard span.duration >= least else {
            throw ValidationError("\(option) must be at least \(TimeSpan(least).defaultValueDescription).")
        }
    }
}
