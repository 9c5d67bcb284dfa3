import QPW
import Synchronization

/// Lets threads go when the last has come, all with the same time.
final class StartingLine: Sendable {
    private let missing: Atomic<Int>
    private let time = Atomic<UInt64>(0)

    init(for count: Int) {
        missing = Atomic(count)
    }

    func await() -> UInt64 {
        if missing.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            time.store(CycleClock.now(), ordering: .releasing)
        }
        while true {
            let begun = time.load(ordering: .acquiring)
            if begun != 0 { return begun }
            yieldThread()
        }
    }
}
