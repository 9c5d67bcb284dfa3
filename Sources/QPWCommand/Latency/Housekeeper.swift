import QPW

/// The thread that drains the owner's slot, each time when it is due: it calls the turns and spins to its
/// schedule.
struct Housekeeper: Sendable {
    let settings: LatencySettings
    let contenders: [Contender]
    let baton: Baton
    let clock = CycleClock.calibrated

    struct Result: Sendable {
        var samples: [DrainSamples]
        var notes: [String]
    }

    func run() -> Result {
        var notes: [String] = []
        System.nameThread("qpw-housekeeper")
        if !System.pinThread(to: settings.cpus.housekeeper) {
            notes.append("left out: pinning the housekeeper, which this system does not allow")
        }
        let ownerCPU = baton.awaitOwnerCPU()
        let schedule = Schedule(settings, contenders: contenders.count, from: CycleClock.now())
        var samples = contenders.map { _ in DrainSamples(keeping: settings.spansKept) }
        for number in 0..<schedule.turns where !baton.isStopped {
            let turn = schedule.turn(number, now: CycleClock.now())
            baton.announce(turn)
            let begun = CycleClock.now()
            serve(turn, ownerCPU, &samples[turn.contender])
            samples[turn.contender].turns.append(Span(begin: begun, end: CycleClock.now()))
            baton.awaitOwner(finishing: number)
        }
        baton.endRun()
        return Result(samples: samples, notes: notes)
    }

    private func serve(_ turn: Turn, _ cpu: CPU, _ samples: inout DrainSamples) {
        let contender = contenders[turn.contender]
        switch contender.kind {
        case .idle: spin(until: turn.end)
        case .drained: drainOnSchedule(turn, contender, cpu, &samples)
        }
    }

    private func drainOnSchedule(
        _ turn: Turn, _ contender: Contender, _ cpu: CPU, _ samples: inout DrainSamples
    ) {
        let interval = clock.cycles(.seconds(1) / settings.rate)
        // Half an interval in, so that a turn's last drain is not due at its very end.
        var due = turn.begin + interval / 2
        while due < turn.end && !baton.isStopped {
            spin(until: due)
            if CycleClock.now() > turn.limit {
                samples.latencies.record(waited(since: due))
                samples.abandoned += 1
            } else {
                drain(contender, cpu, due, &samples)
            }
            due += interval
        }
    }

    private func drain(
        _ contender: Contender, _ cpu: CPU, _ due: UInt64, _ samples: inout DrainSamples
    ) {
        let begun = CycleClock.now()
        let isDone = contender.drain(cpu, timeout: settings.stall)
        let ended = CycleClock.now()
        let latency = clock.nanoseconds(CycleClock.elapsed(from: due, to: ended))
        samples.services.record(clock.nanoseconds(CycleClock.elapsed(from: begun, to: ended)))
        samples.latencies.record(latency)
        samples.log.record(from: begun, to: ended)
        if isDone { samples.done += 1 }
        if !isDone || latency > UInt64(settings.stall.nanoseconds) { samples.stalled += 1 }
    }

    private func waited(since due: UInt64) -> UInt64 {
        clock.nanoseconds(CycleClock.elapsed(from: due, to: CycleClock.now()))
    }

    private func spin(until time: UInt64) {
        while CycleClock.now() < time && !baton.isStopped {}
    }
}
