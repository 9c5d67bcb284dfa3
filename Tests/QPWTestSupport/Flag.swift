import QPW
import Synchronization
package import Testing

/// Something that happens once and that others wait for.
package final class Flag: Sendable {
    private let word = Atomic<Bool>(false)

    package init() {}

    package var isRaised: Bool { word.load(ordering: .acquiring) }

    package func raise() { word.store(true, ordering: .releasing) }

    package func wait(
        fileID: String = #fileID, filePath: String = #filePath, line: Int = #line, column: Int = #column
    ) {
        waitUntil(fileID: fileID, filePath: filePath, line: line, column: column) { isRaised }
    }
}

/// Waits for what must come.
package func waitUntil(
    fileID: String = #fileID, filePath: String = #filePath, line: Int = #line, column: Int = #column,
    _ condition: () -> Bool
) {
    let place = SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column)
    waitUntil(sourceLocation: place, condition)
}

/// A minute is not a bound on how fast, but on how long a failing test hangs.
package func waitUntil(sourceLocation: SourceLocation, _ condition: () -> Bool) {
    let limit = MonotonicClock.now() + 60_000_000_000
    while !condition() {
        if MonotonicClock.now() > limit {
            Issue.record("waited in vain", sourceLocation: sourceLocation)
            return
        }
        System.sleep(nanoseconds: 50_000)
    }
}
