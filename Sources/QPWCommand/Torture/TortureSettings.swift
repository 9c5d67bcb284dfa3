import QPW

/// What a run of `qpw torture` was asked to do, all defaults resolved.
struct TortureSettings: Sendable {
    enum Hotplugging: Sendable {
        case allowed, forbidden
    }

    var suites: [TortureSuite]
    var policies: [PolicyChoice]
    var defect: Defect?
    var duration: Duration
    var threads: Int
    var seed: UInt64
    /// After this long at one thing a thread is taken to be stuck.
    var patience: Duration
    var hotplugging: Hotplugging
    var cpus: [CPU]

    /// One suite under one policy.
    struct Case: Sendable {
        var suite: TortureSuite
        var policy: PolicyChoice
    }

    var cases: [Case] {
        suites.flatMap { suite in
            let policies =
                switch suite.scope {
                case .policies: policies
                case .once: Array(policies.prefix(1))
                }
            return policies.map { Case(suite: suite, policy: $0) }
        }
    }

    /// A long run makes its subjects anew now and then: making and ending them is part of it.
    private var longestBout: Duration { defect?.isSeenAtTheEnd == true ? .seconds(2) : .seconds(10) }

    /// How often all cases have a turn.
    var rounds: Int {
        max(1, Int((duration / (longestBout * cases.count)).rounded(.up)))
    }

    /// How long a case has its turn.
    var bout: Duration { duration / (rounds * cases.count) }
}
