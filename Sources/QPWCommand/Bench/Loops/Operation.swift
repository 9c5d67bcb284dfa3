/// What a loop repeats.
///
/// Conformers are final classes or structures of pointers, so that the loop is specialised for each and the
/// operation is inlined into it as into a user's code.
protocol Operation: Sendable {
    /// As how many operations one `perform` counts.
    var weight: Int { get }

    /// `lane` numbers the threads of a round from zero: for operations whose threads share nothing.
    func perform(lane: Int)
}

extension Operation {
    var weight: Int { 1 }
}

/// Repeats `operation` until `deadline`; the clock is looked at so seldom that it does not show.
@inline(never)
func repeatOperation<Repeated: Operation>(
    _ operation: Repeated, lane: Int, until deadline: UInt64
) -> UInt64 {
    let weight = operation.weight
    let turns = max(1, operationsPerLook / weight)
    var done: UInt64 = 0
    repeat {
        for _ in 0..<turns { operation.perform(lane: lane) }
        done += UInt64(turns * weight)
    } while CycleClock.now() < deadline
    return done
}

private let operationsPerLook = 1000
