import QPW

/// What went wrong, and everything that helps to find out why.
struct TortureFailure: Sendable, Encodable {
    struct Event: Sendable, Encodable {
        /// Before the end.
        var microseconds: Double
        var text: String
    }

    struct LastEvents: Sendable, Encodable {
        var cpu: Int
        var events: [Event]
    }

    var suite: String
    var policy: String
    /// Of the turn, from which its threads took theirs.
    var seed: UInt64
    var breach: String
    var by: String?
    var cpu: Int?
    /// How often each breach was seen.
    var counts: [String: Int]
    var explanations: [String]
    var lastEvents: [LastEvents]
}

extension TortureFailure {
    /// Nil where nothing was found.
    init?(
        _ turn: TortureSettings.Case, _ seed: UInt64, _ context: TortureContext, _ journal: Journal,
        at end: UInt64
    ) {
        guard let first = context.findings.firstBreach else { return nil }
        suite = turn.suite.name
        policy = turn.policy.name
        self.seed = seed
        breach = first.breach.text
        by = first.actor.map { context.actors[$0].name }
        cpu = first.cpu?.id
        counts = [:]
        for breach in Breach.allCases where context.findings.count(of: breach) > 0 {
            counts[breach.text] = context.findings.count(of: breach)
        }
        explanations = context.findings.explanations
        lastEvents = context.cpus.map { cpu in
            LastEvents(
                cpu: cpu.id,
                events: journal.events(of: cpu.id).map { Event($0, context.actors, before: end) })
        }
    }
}

extension TortureFailure.Event {
    fileprivate init(_ event: Journal.Event, _ actors: [Actor], before end: UInt64) {
        let elapsed = CycleClock.calibrated.seconds(CycleClock.elapsed(from: event.cycles, to: end))
        microseconds = Figures.rounded(elapsed * 1e6)
        let who = event.actor < actors.count ? actors[event.actor].name : "thread \(event.actor)"
        text = "\(who) \(event.deed.text)" + (event.cpu.map { " of CPU \($0.id)" } ?? "")
    }
}
