import Synchronization

/// Counts what happens on any thread.
package final class Tally: Sendable {
    private let word = Atomic<Int>(0)

    package init() {}

    package var count: Int { word.load(ordering: .acquiring) }

    @discardableResult
    package func add(_ amount: Int = 1) -> Int {
        word.wrappingAdd(amount, ordering: .acquiringAndReleasing).newValue
    }
}
