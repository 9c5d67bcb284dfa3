import QPW
import Synchronization

/// The threads of a turn.
final class TortureCast {
    private let subject: TortureSubject
    private let context: TortureContext
    private let weather: Weather
    private let storm: SignalStorm
    private let masks: AffinityMasks
    private let complaints = Guarded<Set<String>>([])
    private var threads: [MeasuringThread<Bool>] = []

    init(_ subject: TortureSubject, _ context: TortureContext, _ weather: Weather, _ storm: SignalStorm) {
        self.subject = subject
        self.context = context
        self.weather = weather
        self.storm = storm
        masks = AffinityMasks(context.cpus)
    }

    /// What threads could not have.
    var notes: [String] { complaints.withLock { $0.sorted() } }

    func enter() throws {
        do {
            for actor in context.actors { threads.append(try start(actor)) }
        } catch {
            weather.end()
            for thread in threads { thread.join() }
            throw error
        }
    }

    private func start(_ actor: Actor) throws -> MeasuringThread<Bool> {
        let role = subject.roles[actor.number % subject.roles.count]
        let life = Life(
            actor: actor, role: role, weather: weather, storm: storm, masks: masks, seed: context.seed,
            complaints: complaints)
        return try MeasuringThread {
            life.live()
            return true
        }
    }

    /// Waits for all; false if some never came back, after whatever could let them go was tried.
    func leave(watch: StuckWatch, subject: TortureSubject) -> Bool {
        while !areDone {
            watch.look()
            if watch.hasFoundSomething {
                subject.rescue()
                return areDone(within: .seconds(2))
            }
            System.sleep(nanoseconds: 1_000_000)
        }
        for thread in threads { thread.join() }
        return true
    }

    private var areDone: Bool { threads.allSatisfy(\.isDone) }

    private func areDone(within time: Duration) -> Bool {
        let limit = MonotonicClock.time(in: time)
        while !areDone && MonotonicClock.now() < limit { System.sleep(nanoseconds: 1_000_000) }
        guard areDone else { return false }
        for thread in threads { thread.join() }
        return true
    }
}

/// What one of the threads does from its beginning to its end.
private struct Life: Sendable {
    let actor: Actor
    let role: TortureRole
    let weather: Weather
    let storm: SignalStorm
    let masks: AffinityMasks
    let seed: UInt64
    let complaints: Guarded<Set<String>>

    private static let stepsBetweenRests = 8

    func live() {
        System.nameThread("qpw-\(role.name)")
        let scheduling = Scheduling(thread: actor.number)
        if let complaint = scheduling.enter() { _ = complaints.withLock { $0.insert(complaint) } }
        if case .settled(let cpu) = role.place { _ = System.pinThread(to: cpu) }
        ThreadLuck.provide(seed, thread: actor.number, role.place, masks) {
            storm.expose { act(scheduling) }
        }
    }

    private func act(_ scheduling: Scheduling) {
        var random = SeededRandom(seed, thread: actor.number)
        var season = 0
        while !weather.isOver {
            weather.endure(role.place, &season)
            for _ in 0..<Self.stepsBetweenRests where !weather.isOver {
                role.step(actor, &random)
                actor.countStep()
            }
            scheduling.rest()
        }
    }
}
