import Foundation
import QPW

/// The thread that wants to be left alone: it reads the clock, and touches its slot now and then.
struct Owner: Sendable {
    let settings: LatencySettings
    let contenders: [Contender]
    let baton: Baton
    let clock = CycleClock.calibrated

    struct Result: Sendable {
        var samples: [OwnerSamples]
        var notes: [String]
    }

    func run() -> Result {
        let notes = takePlace()
        baton.ownerIsReady(on: .current)
        var samples = contenders.map { _ in OwnerSamples(keeping: settings.spansKept) }
        var number = -1
        while let turn = baton.awaitTurn(after: number) {
            measure(turn, &samples[turn.contender])
            number = turn.number
            baton.finish(number)
        }
        return Result(samples: samples, notes: notes)
    }

    /// Says what could not be had.
    private func takePlace() -> [String] {
        var notes: [String] = []
        System.nameThread("qpw-owner")
        if !System.pinThread(to: settings.cpus.owner) {
            notes.append("left out: pinning the owner, which this system does not allow")
        }
        if let priority = settings.fifoPriority {
            var parameter = sched_param()
            parameter.sched_priority = Int32(priority)
            let error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter)
            if error != 0 {
                let reason = String(cString: strerror(error))
                notes.append(
                    "left out: SCHED_FIFO \(priority) for the owner (\(reason)); it ran as an ordinary thread"
                )
            }
        }
        return notes
    }

    private func measure(_ turn: Turn, _ samples: inout OwnerSamples) {
        while CycleClock.now() < turn.begin {}
        let before = ThreadUsage.now()
        let begun = CycleClock.now()
        let ended = spin(until: turn.end, contenders[turn.contender], &samples)
        samples.usage.add(from: before, to: .now())
        samples.cycles += CycleClock.elapsed(from: begun, to: ended)
        samples.turns.append(Span(begin: begun, end: ended))
    }

    @inline(never)
    private func spin(
        until end: UInt64, _ contender: Contender, _ samples: inout OwnerSamples
    ) -> UInt64 {
        let shortestGap = clock.cycles(.microseconds(1))
        let touchInterval = clock.cycles(settings.touch)
        var last = CycleClock.now()
        var nextTouch = last + touchInterval
        while last < end && !baton.isStopped {
            let now = CycleClock.now()
            let gap = CycleClock.elapsed(from: last, to: now)
            if gap > shortestGap { samples.recordGap(clock.nanoseconds(gap), from: last, to: now) }
            last = now
            guard now >= nextTouch else { continue }
            let begun = CycleClock.now()
            contender.touch()
            last = CycleClock.now()
            samples.recordTouch(
                clock.nanoseconds(CycleClock.elapsed(from: begun, to: last)), from: begun, to: last)
            nextTouch = max(nextTouch, begun) + touchInterval
        }
        return last
    }
}
