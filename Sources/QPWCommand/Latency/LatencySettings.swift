import QPW

/// What a run of `qpw latency` was asked to do, all defaults resolved.
struct LatencySettings: Sendable {
    var cpus: CPUPair
    /// Where the process may run; what is not measured keeps off the owner's CPU.
    var bystanders: CPUSet
    var workload: Workload
    var policies: [PolicyChoice]
    var duration: Duration
    var rate: Int
    var touch: Duration
    var hold: Duration
    var fifoPriority: Int?
    var load: Int
    var stall: Duration
    var keeping = Keeping.distributions
    /// A quarter of a second, against drift.
    var turn: Duration = .milliseconds(250)

    /// How long a policy is measured before the next has its turn.
    ///
    /// With an owner that starves its CPU, long enough for a drain to stall.
    var stretch: Duration {
        fifoPriority == nil ? turn : stall + .milliseconds(500)
    }

    /// For how many spans of each kind a contender has room.
    var spansKept: Int {
        let seconds = duration / .seconds(1) / Double(policies.count + 1)
        return keeping.capacity(seconds: seconds, drainsPerSecond: rate)
    }

    /// How often all policies, and the idle one, have a turn.
    var rounds: Int {
        max(1, Int((duration / (stretch * (policies.count + 1))).rounded()))
    }
}
