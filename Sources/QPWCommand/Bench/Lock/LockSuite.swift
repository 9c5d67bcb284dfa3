/// Taking a slot, by each policy and each way, against bare instructions and the usual locks.
struct LockSuite {
    /// More than there are CPUs in use.
    static let manyThreads = 8

    private let settings: BenchSettings

    init(_ settings: BenchSettings) {
        self.settings = settings
    }

    var subjects: [Subject] {
        crews(settings).flatMap { crew in bare(crew) + slots(crew) + sharedLocks(crew) }
    }

    private func bare(_ crew: Crew) -> [Subject] {
        [
            subject("bare/increment", crew, BareIncrement()),
            subject("bare/flag", crew, BareFlag()),
            subject("bare/cas-store", crew, BareCASStore()),
        ]
    }

    private func slots(_ crew: Crew) -> [Subject] {
        settings.policies.flatMap { choice in
            [
                subject("withLocal/\(choice.name)", crew, WithLocalIncrement(choice.policy)),
                subject("tryWithLocal/\(choice.name)", crew, TryWithLocalIncrement(choice.policy)),
                subject("qpwlock/\(choice.name)", crew, QPWLockIncrement(choice.policy)),
            ]
        }
    }

    private func sharedLocks(_ crew: Crew) -> [Subject] {
        var subjects = [
            subject("Mutex", crew, SharedMutex()),
            subject("pthread_mutex", crew, SharedPthreadMutex()),
        ]
        #if !canImport(Darwin)
        subjects.append(subject("pthread_spin", crew, SharedPthreadSpin()))
        #endif
        return subjects
    }

    private func subject<Repeated: Operation>(
        _ name: String, _ crew: Crew, _ operation: Repeated
    ) -> Subject {
        .repeating(operation, .lock, name, crew)
    }

    /// One thread, one on each CPU, and so many that they must be preempted: these for longer, so that all
    /// have their turn.
    private func crews(_ settings: BenchSettings) -> [Crew] {
        crewsOfOneAndTwo(settings) + [
            Crew(
                placement: .floating(Self.manyThreads, settings.place.cpus), round: settings.round * 3)
        ]
    }
}
