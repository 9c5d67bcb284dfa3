import QPWTestSupport

/// Says when it is destroyed.
struct Witness: ~Copyable {
    let cpu: Int
    private let ends: Tally

    init(cpu: Int, ends: Tally) {
        self.cpu = cpu
        self.ends = ends
    }

    deinit { ends.add() }
}

/// The same for captures of closures.
final class SharedWitness: Sendable {
    private let ends: Tally

    init(ends: Tally) { self.ends = ends }

    deinit { ends.add() }
}

enum Oops: Error, Equatable {
    case first, second
}
