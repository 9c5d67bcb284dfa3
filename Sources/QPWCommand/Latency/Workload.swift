import ArgumentParser
import QPW
import QPWObjects

/// What the owner uses, and the housekeeper drains.
enum Workload: String, CaseIterable, ExpressibleByArgument {
    /// A slot: touching it adds to it, a drain takes what is there.
    case slot
    /// An object cache: touching it is to allocate and free, a drain flushes the owner's sheaves.
    case objects
    /// The LRU's lists: touching them adds folios, a drain moves everybody's batches to the lists.
    case pages
}

/// A slot with a value in it.
final class SlotWorkload: Sendable {
    private struct Batch {
        var count = 0
    }

    private let slots: PerCPU<Batch>
    private let hold: UInt64

    init(_ label: String, _ policy: QPWPolicy, hold: UInt64) {
        slots = PerCPU(label, policy: policy) { _ in Batch() }
        self.hold = hold
    }

    var inForce: PolicyInForce { slots.inForce }
    var contention: Contention { slots.contention }

    @inline(__always)
    func touch() {
        slots.withLocal { batch, _ in batch.count &+= 1 }
    }

    func drain(_ cpu: CPU, timeout: Duration) throws(QPWTimeout) {
        try slots.perform(on: cpu, timeout: timeout) { batch in
            batch.count = 0
            work()
        }
    }

    private func work() {
        guard hold > 0 else { return }
        let begun = CycleClock.now()
        while CycleClock.elapsed(from: begun, to: CycleClock.now()) < hold {}
    }
}

/// A cache whose owner allocates and frees now and then; kernel counterpart of the drain: what `kmem_cache_shrink` does to
/// a CPU (mm/slub.c).
final class ObjectWorkload: Sendable {
    private let cache: ObjectCache

    private static let objectSize = 64
    /// Objects that the owner has at a time.
    private static let burst = 4

    init(_ label: String, _ policy: QPWPolicy) {
        cache = ObjectCache(name: label, objectSize: Self.objectSize, policy: policy)
    }

    var inForce: PolicyInForce { cache.inForce }
    var contention: Contention { cache.contention }

    @inline(__always)
    func touch() {
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: Self.burst) { objects in
            for index in objects.indices { objects[index] = cache.allocateOrDie() }
            for object in objects { cache.deallocate(object) }
        }
    }

    func drain(_ cpu: CPU, timeout: Duration) throws(QPWTimeout) {
        try cache.flush(cpu, timeout: timeout)
    }
}
