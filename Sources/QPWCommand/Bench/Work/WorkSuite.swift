/// What work on another CPU costs the one who wants it done.
struct WorkSuite {
    private let settings: BenchSettings

    init(_ settings: BenchSettings) {
        self.settings = settings
    }

    var subjects: [Subject] {
        guard let conductor = Conductor(settings) else { return [] }
        return QueueToRun.subjects(conductor) + PerformSubjects.all(conductor, settings.policies)
            + DrainSubjects.all(conductor, settings.policies)
    }
}
