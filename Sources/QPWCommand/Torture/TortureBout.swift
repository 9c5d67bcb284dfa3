import QPW

/// One turn of one case: its threads, what disturbs them, and what was found.
struct TortureBout {
    struct Outcome: Sendable {
        var inForce: PolicyInForce?
        var cycles: UInt64 = 0
        var steps = 0
        var signals = 0
        var unplugged = 0
        var notes: [String] = []
        var failure: TortureFailure?
    }

    let settings: TortureSettings
    let turn: TortureSettings.Case
    /// Differs from turn to turn.
    let seed: UInt64
    let progress: () -> Void

    func run() throws -> Outcome {
        let journal = Journal(cpuCount: (settings.cpus.map(\.id).max() ?? 0) + 1)
        var context = TortureContext(
            policy: turn.policy, defect: settings.defect, threads: settings.threads, seed: seed,
            cpus: settings.cpus, findings: Findings())
        let subject = turn.suite.subject(context)
        context.actors = (0..<settings.threads).map {
            Actor($0, subject.roles[$0 % subject.roles.count].name, journal)
        }
        var outcome = Outcome(inForce: subject.inForce)
        let begun = CycleClock.now()
        try torture(subject, context, &outcome)
        outcome.cycles = CycleClock.elapsed(from: begun, to: CycleClock.now())
        outcome.steps = context.actors.reduce(0) { $0 + $1.steps }
        journal.close()
        outcome.failure = TortureFailure(turn, seed, context, journal, at: CycleClock.now())
        return outcome
    }

    private func torture(
        _ subject: TortureSubject, _ context: TortureContext, _ outcome: inout Outcome
    ) throws {
        let weather = Weather(settings.cpus)
        let storm = SignalStorm(subject.interrupt)
        let cast = TortureCast(subject, context, weather, storm)
        Injector.begin()
        try cast.enter()
        let hotplug = beginHotplug(weather, &outcome)
        let watch = StuckWatch(context, subject, settings.patience)
        disturb(context, weather, storm, watch)
        weather.end()
        outcome.unplugged = hotplug?.end() ?? 0
        let areGone = cast.leave(watch: watch, subject: subject)
        Injector.end()
        outcome.notes += cast.notes
        outcome.signals = storm.count
        // Whoever is still there may be interrupted yet: then the storm's memory stays.
        guard areGone else { return }
        storm.end()
        if context.findings.isEmpty { audit(subject, context, watch) }
    }

    private func beginHotplug(_ weather: Weather, _ outcome: inout Outcome) -> Hotplug? {
        guard settings.hotplugging == .allowed else { return nil }
        do {
            return try Hotplug(settings.cpus, seed: seed, until: weather)
        } catch {
            outcome.notes.append("left out: taking a CPU offline: \(error)")
            return nil
        }
    }

    /// Until the time is over, something was found, or the user has had enough.
    private func disturb(
        _ context: TortureContext, _ weather: Weather, _ storm: SignalStorm, _ watch: StuckWatch
    ) {
        let limit = MonotonicClock.time(in: settings.bout)
        var random = SeededRandom(seed, thread: -2)
        while MonotonicClock.now() < limit && context.findings.isEmpty && !Interruption.hasCome {
            storm.strike()
            if random.oneIn(200) { change(weather, &random) }
            watch.look()
            progress()
            System.sleep(nanoseconds: .random(in: 100_000...1_500_000, using: &random))
        }
    }

    private func change(_ weather: Weather, _ random: inout SeededRandom) {
        if random.oneIn(2) {
            weather.pause()
            System.sleep(nanoseconds: .random(in: 1_000_000...20_000_000, using: &random))
            weather.resume()
        } else {
            let count = Int.random(in: 1...settings.cpus.count, using: &random)
            weather.restrict(to: CPUSet(settings.cpus.shuffled(using: &random).prefix(count)))
        }
    }

    /// On a thread of its own, since what was lost may be waited for.
    private func audit(_ subject: TortureSubject, _ context: TortureContext, _ watch: StuckWatch) {
        guard let thread = try? MeasuringThread(running: { subject.audit(context) }) else { return }
        let limit = MonotonicClock.time(in: settings.patience)
        while !thread.isDone {
            if MonotonicClock.now() > limit {
                context.findings.explain("what was to be looked at afterwards never came to an end")
                return context.findings.note(.stuck)
            }
            System.sleep(nanoseconds: 200_000)
        }
        thread.join()
    }
}
