extension Subject {
    /// A subject whose figure is the CPU cost of one operation.
    static func repeating<Repeated: Operation>(
        _ operation: Repeated, _ suite: Suite, _ name: String, _ crew: Crew
    ) -> Subject {
        Subject(suite: suite, name: name, threads: crew.threads, unit: .cycles) { crew.cost(of: operation) }
    }

    /// The same in nanoseconds: for operations that are not a matter of cycles.
    static func repeatingSlowly<Repeated: Operation>(
        _ operation: Repeated, _ suite: Suite, _ name: String, _ crew: Crew
    ) -> Subject {
        Subject(suite: suite, name: name, threads: crew.threads, unit: .nanoseconds) {
            crew.cost(of: operation) / CycleClock.calibrated.cyclesPerNanosecond
        }
    }
}

/// One thread, and where there is a second CPU one on each.
func crewsOfOneAndTwo(_ settings: BenchSettings) -> [Crew] {
    let place = settings.place
    let one = Crew(placement: .pinned([place.first]), round: settings.round)
    guard let second = place.second else { return [one] }
    return [one, Crew(placement: .pinned([place.first, second]), round: settings.round)]
}
