import QPW
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

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

/// Runs `body` on a thread of its own, pinned to `cpu`: the test's own thread belongs to a pool of two.
///
/// Another process's tests may have taken the CPU offline: it comes back.
@discardableResult
func onThread<R: Sendable>(on cpu: CPU? = nil, _ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        let thread = startThread {
            if let cpu, Machine.pins { waitUntil { System.pinThread(to: cpu) } }
            continuation.resume(with: Result { try body() })
        }
        guard let thread else { fatalError("no room for a thread") }
        pthread_detach(thread)
    }
}

/// A seed for one thread of a run: the same choices in every run with the same seed, though not the same schedule.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64, thread: Int) { state = seed &* 1_000_003 &+ UInt64(thread) }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
