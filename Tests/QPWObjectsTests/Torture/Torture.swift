import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

/// Under a sanitizer a step takes ten times as long, and fewer show what there is to be seen.
private let stepsEach = Machine.hasThreadSanitizer || Machine.hasAddressSanitizer ? 8000 : 40_000

/// Three threads that use a cache in every way there is, one that flushes it, and one that does what the test is about,
/// until the three are done; then nothing may be left.
func torture(
    _ cache: ObjectCache, seed: UInt64 = 20_261_123, steps: Int = stepsEach,
    sourceLocation: SourceLocation = #_sourceLocation,
    meanwhile: (@Sendable (inout SeededRandom) throws -> Void)? = nil
) async throws {
    let stamps = Stamps()
    let done = Flag()
    async let disturber: Void = onThread { disturb(cache, seed: seed, until: done) }
    async let other: Void = onThread {
        guard let meanwhile else { return }
        var random = SeededRandom(seed, thread: 98)
        while !done.isRaised { try meanwhile(&random) }
    }
    let failures = try await withThrowingTaskGroup(of: Int.self) { group in
        for thread in 0..<3 {
            group.addTask {
                try await onThread {
                    var torturer = Torturer(cache, stamps, thread: thread, seed: seed) {
                        _ throws(OutOfMemory) in try cache.allocate()
                    }
                    torturer.run(steps: steps)
                    return torturer.failures
                }
            }
        }
        return try await group.reduce(0, +)
    }
    done.raise()
    try await disturber
    try await other
    #expect(stamps.errorCount == 0, sourceLocation: sourceLocation)
    if meanwhile == nil { #expect(failures == 0, sourceLocation: sourceLocation) }
    try await onThread {
        cache.barrier()
        cache.shrink()
    }
    #expect(cache.objectsInUse == 0, sourceLocation: sourceLocation)
    #expect(cache.slabCount == 0, sourceLocation: sourceLocation)
}
