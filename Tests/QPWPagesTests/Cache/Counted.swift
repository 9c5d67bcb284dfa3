import Synchronization

/// Counts the objects that there are.
final class Census: Sendable {
    private let living = Atomic<Int>(0)

    var count: Int { living.load(ordering: .acquiring) }

    fileprivate func add(_ amount: Int) { living.wrappingAdd(amount, ordering: .acquiringAndReleasing) }
}

/// A value whose end is counted, and that knows what it should be.
final class Counted: Sendable {
    let number: Int
    private let census: Census

    init(_ number: Int, in census: Census) {
        self.number = number
        self.census = census
        census.add(1)
    }

    deinit { census.add(-1) }
}
