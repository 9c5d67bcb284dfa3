import QPW
import QPWObjects

/// What memory a cache takes while very many objects go from one CPU to the other, and what is left of it.
struct Soak {
    private let settings: BenchSettings
    private let objects: Int

    static func results(of objects: Int, _ settings: BenchSettings) -> [BenchResult] {
        guard objects > 0 else { return [] }
        let soak = Soak(
            settings: settings,
            objects: (objects + ObjectRing.burst - 1) / ObjectRing.burst * ObjectRing.burst)
        return settings.policies.flatMap(soak.crossing) + soak.flood()
    }

    /// Growth of the process while objects are allocated here and freed there.
    private func crossing(_ choice: PolicyChoice) -> [BenchResult] {
        guard let second = settings.place.second else { return [] }
        let crossing = CrossCPU(CacheSource(choice.policy), from: settings.place.first, to: second)
        let before = residentKibibytes()
        let peak = Peak { Double(residentKibibytes() - before) }
        let cost = crossing.measure(objects)
        let highest = peak.end()
        crossing.source.cache.shrink()
        return [
            result("soak/cross/\(choice.name)", .cycles, cost),
            result("soak/cross/\(choice.name)/peak", .kibibytes, highest),
            result("soak/cross/\(choice.name)/final", .kibibytes, Double(residentKibibytes() - before)),
        ]
    }

    /// Callbacks that are pending while two threads queue nothing but callbacks.
    private func flood() -> [BenchResult] {
        let call = Call()
        let peak = Peak { Double(call.domain.pendingCallbacks) }
        var crew = crewsOfOneAndTwo(settings).last!
        crew.round = .seconds(1)
        let cost = crew.cost(of: call) / CycleClock.calibrated.cyclesPerNanosecond
        let highest = peak.end()
        call.domain.barrier()
        return [
            result("soak/rcu/call", .nanoseconds, cost), result("soak/rcu/call/pending", .callbacks, highest),
        ]
    }

    private func result(_ name: String, _ unit: Subject.Unit, _ figure: Double) -> BenchResult {
        let subject = Subject(suite: .objects, name: name, threads: 2, unit: unit) { figure }
        return BenchResult(subject, Summary(of: [max(0, figure)]))
    }
}
