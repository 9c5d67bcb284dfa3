/// Measures all subjects in turn, round by round: what drifts, drifts for all.
struct RoundRobin {
    private let subjects: [Subject]
    private let settings: BenchSettings
    private let progress: Progress

    init(_ subjects: [Subject], _ settings: BenchSettings, progress: Progress = Progress()) {
        self.subjects = subjects
        self.settings = settings
        self.progress = progress
    }

    /// Ends early where the caller awaits an interruption and it comes; what there is then is no result.
    func measure() -> [BenchResult] {
        var figures = subjects.map { _ in [Double]() }
        // The first round pays for page faults and for threads that are started once.
        for round in 0...settings.rounds {
            for (index, subject) in subjects.enumerated() where !Interruption.hasCome {
                progress.show("round \(round) of \(settings.rounds): \(subject.name)")
                let figure = subject.measureRound()
                if round > 0 { figures[index].append(figure) }
            }
        }
        progress.clear()
        return zip(subjects, figures).map { BenchResult($0, Summary(of: $1)) }
    }
}
