import Synchronization
import Testing

@testable import QPW

/// Something that happens once and that others wait for.
final class Flag: Sendable {
    private let word = Atomic<Bool>(false)

    var isRaised: Bool { word.load(ordering: .acquiring) }

    func raise() { word.store(true, ordering: .releasing) }

    func wait(sourceLocation: SourceLocation = #_sourceLocation) {
        waitUntil(sourceLocation: sourceLocation) { isRaised }
    }
}

/// Waits for what must come; a minute is not a bound on how fast, but on how long a failing test hangs.
func waitUntil(sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool) {
    let limit = MonotonicClock.now() + 60_000_000_000
    while !condition() {
        if MonotonicClock.now() > limit {
            Issue.record("waited in vain", sourceLocation: sourceLocation)
            return
        }
        System.sleep(nanoseconds: 50_000)
    }
}

/// Counts what happens on any thread.
final class Tally: Sendable {
    private let word = Atomic<Int>(0)

    var count: Int { word.load(ordering: .acquiring) }

    @discardableResult
    func add(_ amount: Int = 1) -> Int {
        word.wrappingAdd(amount, ordering: .acquiringAndReleasing).newValue
    }
}
