import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

/// One thread of a torture: allocates, frees and hops in every way there is, stamping what it holds.
struct Torturer {
    let cache: ObjectCache
    let stamps: Stamps
    let tag: Int
    /// In place of `cache.allocate`: what the broken twin gets wrong.
    let allocate: (inout Objects) throws(OutOfMemory) -> UnsafeMutableRawPointer
    var random: SeededRandom
    var held = Objects()
    /// Steps that found no memory.
    var failures = 0

    init(
        _ cache: ObjectCache, _ stamps: Stamps, thread: Int, seed: UInt64,
        allocate: @escaping (inout Objects) throws(OutOfMemory) -> UnsafeMutableRawPointer
    ) {
        self.cache = cache
        self.stamps = stamps
        self.allocate = allocate
        tag = thread + 1
        random = SeededRandom(seed, thread: thread)
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            do throws(OutOfMemory) { try step() } catch { failures += 1 }
        }
        while let object = release() { cache.deallocate(object) }
    }

    private mutating func step() throws(OutOfMemory) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0: _ = System.pinThread(to: Machine.cpus.randomElement(using: &random)!)
        case 1..<5: try bulk()
        case 5..<9: try prefill()
        case 9..<20: if let object = release() { cache.deallocate(afterGracePeriod: object) }
        case 20..<30: if let object = cache.tryAllocate() { hold(object) }
        case 30..<40:
            if let object = release(), !cache.tryDeallocate(object) { cache.deallocate(object) }
        case 40..<70 where held.addresses.count < 400: hold(try allocate(&held))
        default: if let object = release() { cache.deallocate(object) }
        }
    }

    private mutating func hold(_ object: UnsafeMutableRawPointer) {
        stamps.take(object, tag: tag)
        held.addresses.append(object)
    }

    private mutating func release() -> UnsafeMutableRawPointer? {
        guard !held.addresses.isEmpty else { return nil }
        held.addresses.swapAt(held.addresses.indices.randomElement(using: &random)!, held.addresses.count - 1)
        let object = held.addresses.removeLast()
        stamps.give(object, tag: tag)
        return object
    }

    private mutating func bulk() throws(OutOfMemory) {
        let count = Int.random(in: 0...40, using: &random)
        let room = UnsafeMutableBufferPointer<UnsafeMutableRawPointer>.allocate(capacity: count)
        defer { room.deallocate() }
        try cache.allocate(into: room)
        for object in room { stamps.take(object, tag: tag) }
        for object in room { stamps.give(object, tag: tag) }
        cache.deallocate(UnsafeBufferPointer(room))
    }

    private mutating func prefill() throws(OutOfMemory) {
        var sheaf = try cache.prefill(Int.random(in: 0...20, using: &random))
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            if let object = sheaf.allocate() { hold(object) }
        }
        if Bool.random(using: &random) { try sheaf.refill(Int.random(in: 0...30, using: &random)) }
    }
}

/// The thread that flushes, shrinks and waits, until the others are done.
func disturb(_ cache: ObjectCache, seed: UInt64, until done: Flag) {
    var random = SeededRandom(seed, thread: 99)
    while !done.isRaised {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: cache.flush()
        case 1: cache.shrink()
        case 2: cache.barrier()
        case 3: cache.tick()
        case 4: _ = System.pinThread(to: Machine.cpus.randomElement(using: &random)!)
        default: cache.flush(Machine.cpus.randomElement(using: &random)!)
        }
    }
}
