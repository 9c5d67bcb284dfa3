import QPW

/// What a run of `qpw bench` was asked to do, all defaults resolved.
struct BenchSettings: Sendable {
    var place: Place
    var policies: [PolicyChoice]
    var rounds: Int
    var round: Duration

    func notes(_ suites: [Suite]) -> [String] {
        var notes: [String] = []
        if place.second == nil {
            notes.append("one CPU only: subjects that need two are left out")
        }
        if System.isPortable {
            notes.append(
                "threads are not pinned, which this system does not allow, and every policy behaves as lock")
        }
        if suites.isEmpty || suites.contains(.work) { notes += DrainSubjects.notes }
        if suites.isEmpty || suites.contains(.objects) { notes += ObjectSuite.notes }
        if suites.isEmpty || suites.contains(.pages) { notes += PageSuite.notes }
        return notes
    }
}

/// The CPUs that the bench uses: two at most, so that figures of machines of any size can be compared.
struct Place: Sendable {
    let first: CPU
    let second: CPU?

    init(_ topology: Topology) {
        let pair = try? CPUPair(from: topology)
        first = pair?.owner ?? topology.allowed.first ?? 0
        second = pair?.housekeeper
    }

    var cpus: CPUSet { CPUSet([first] + (second.map { [$0] } ?? [])) }
}
