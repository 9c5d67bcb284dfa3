import QPW

/// Looks whether a thread has been at one thing for longer than anything may take, and says who waits for whom.
final class StuckWatch {
    private let context: TortureContext
    private let plight: @Sendable (Actor, CPU?) -> String?
    private let patience: Double
    private(set) var hasFoundSomething = false

    init(_ context: TortureContext, _ subject: TortureSubject, _ patience: Duration) {
        self.context = context
        plight = subject.plight
        self.patience = patience / .seconds(1)
    }

    func look() {
        guard !hasFoundSomething else { return }
        let stuck = context.actors.filter { ($0.activity?.seconds ?? 0) > patience }
        guard let first = stuck.first else { return }
        hasFoundSomething = true
        for actor in stuck { context.findings.explain(account(of: actor)) }
        context.findings.note(.stuck, by: first.number, on: first.activity?.cpu)
    }

    private func account(of actor: Actor) -> String {
        guard let activity = actor.activity else { return "\(actor.name) has gone on" }
        let time = Figures.time(nanoseconds: activity.seconds * 1e9)
        let place = activity.cpu.map { " of CPU \($0.id)" } ?? ""
        return "\(actor.name) \(activity.deed.text)\(place), for \(time); "
            + (plight(actor, activity.cpu) ?? holders(activity.cpu, actor))
    }

    private func holders(_ cpu: CPU?, _ waiter: Actor) -> String {
        let holders = context.actors.filter { other in
            other !== waiter && other.slot != nil && (cpu == nil || other.slot == cpu)
        }
        if holders.isEmpty { return "nobody is in a slot that it could wait for" + meanwhile(waiter) }
        return holders.map { "\($0.name) is in the slot of CPU \($0.slot?.id ?? 0)" }.joined(separator: ", ")
    }

    /// Who it may wait for otherwise: all that others are doing that may take long, the longest first.
    private func meanwhile(_ waiter: Actor) -> String {
        let others = context.actors.compactMap { other in
            other === waiter ? nil : other.activity.map { (other, $0) }
        }.sorted { $0.1.seconds > $1.1.seconds }
        return others.map { other, activity in
            let place = activity.cpu.map { " of CPU \($0.id)" } ?? ""
            let time = Figures.time(nanoseconds: activity.seconds * 1e9)
            return "; meanwhile \(other.name) \(activity.deed.text)\(place), for \(time)"
        }.joined()
    }
}
