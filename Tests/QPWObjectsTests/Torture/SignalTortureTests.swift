import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWObjects

/// What a signal's handler allocates and frees, on the stack of a thread that does the same.
private final class Interruption: Sendable {
    private let cache: ObjectCache
    private let stamps: Stamps
    /// What could not be given back in the handler: one object, for the next time.
    private let kept = Atomic<UInt>(0)
    private let allocations = Atomic<Int>(0)
    private let frees = Atomic<Int>(0)

    private static let tag = 1000

    var handled: (allocations: Int, frees: Int) {
        (allocations.load(ordering: .relaxed), frees.load(ordering: .relaxed))
    }

    init(_ cache: ObjectCache, _ stamps: Stamps) {
        self.cache = cache
        self.stamps = stamps
    }

    func handle() {
        guard let object = UnsafeMutableRawPointer(bitPattern: kept.load(ordering: .relaxed)) else {
            guard let object = cache.tryAllocate() else { return }
            stamps.take(object, tag: Self.tag)
            kept.store(UInt(bitPattern: object), ordering: .relaxed)
            allocations.wrappingAdd(1, ordering: .relaxed)
            return
        }
        stamps.give(object, tag: Self.tag)
        if cache.tryDeallocate(object) {
            kept.store(0, ordering: .relaxed)
            frees.wrappingAdd(1, ordering: .relaxed)
        } else {
            stamps.take(object, tag: Self.tag)
        }
    }

    func end() {
        if let object = UnsafeMutableRawPointer(bitPattern: kept.load(ordering: .relaxed)) {
            stamps.give(object, tag: Self.tag)
            cache.deallocate(object)
        }
    }
}

extension ObjectTests {
    @Suite(.enabled(if: Machine.isOptimised, "what a signal handler may call is promised for release builds"))
    struct SignalTortureTests {
        @Test(arguments: everyPolicy) func handlersAllocateAndFree(policy: QPWPolicy) async throws {
            let cache = makeCache(capacity: 7, policy: policy)
            let stamps = Stamps()
            let handled = try await onThread {
                let interruption = Interruption(cache, stamps)
                defer { interruption.end() }
                let storm = SignalStorm(.objects) { interruption.handle() }
                defer { storm.end() }
                var torturer = Torturer(cache, stamps, thread: 0, seed: 5) { _ throws(OutOfMemory) in
                    try cache.allocate()
                }
                storm.interrupt {
                    repeat { torturer.run(steps: 10_000) } while interruption.handled.frees < 100
                }
                return interruption.handled
            }
            #expect(handled.allocations >= 100 && handled.frees >= 100)
            #expect(stamps.errorCount == 0)
            try await onThread {
                cache.barrier()
                cache.shrink()
            }
            #expect(cache.objectsInUse == 0)
        }
    }
}
