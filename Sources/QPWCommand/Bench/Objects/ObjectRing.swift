import CQPW
import Synchronization

// field    | who writes   | memory order
// ---------|--------------|---------------------------------------------
// sent     | the sender   | store release, loaded acquire by the receiver
// received | the receiver | store release, loaded acquire by the sender
//
// Each side looks at the other's word only when it has used up what it saw there last, and tells its own once a burst.

/// Objects on their way from one thread to another, told about in bursts so that the ring is a small part of what is measured.
final class ObjectRing: Sendable {
    static let capacity = 1024
    static let burst = 32

    private nonisolated(unsafe) let objects: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private let words = LaneStorage()

    init() {
        objects = .allocate(capacity: Self.capacity)
    }

    deinit {
        objects.deallocate()
    }

    private var sent: UnsafeMutablePointer<Atomic<Int>> { words.word(0, of: 0) }
    private var received: UnsafeMutablePointer<Atomic<Int>> { words.word(0, of: 1) }

    /// Begins anew; with nobody using it.
    func reset() {
        sent.pointee.store(0, ordering: .relaxed)
        received.pointee.store(0, ordering: .relaxed)
    }

    /// Sends `count` objects, a multiple of the burst.
    @inline(__always)
    func send(_ count: Int, _ make: () -> UnsafeMutableRawPointer) {
        var position = sent.pointee.load(ordering: .relaxed)
        var seen = received.pointee.load(ordering: .acquiring)
        let end = position + count
        while position < end {
            while position + Self.burst - seen > Self.capacity {
                qpw_pause()
                seen = received.pointee.load(ordering: .acquiring)
            }
            for _ in 0..<Self.burst {
                objects[position % Self.capacity] = make()
                position += 1
            }
            sent.pointee.store(position, ordering: .releasing)
        }
    }

    /// Receives `count` objects, a multiple of the burst.
    @inline(__always)
    func receive(_ count: Int, _ use: (UnsafeMutableRawPointer) -> Void) {
        var position = received.pointee.load(ordering: .relaxed)
        var seen = sent.pointee.load(ordering: .acquiring)
        let end = position + count
        while position < end {
            while seen == position {
                qpw_pause()
                seen = sent.pointee.load(ordering: .acquiring)
            }
            for _ in 0..<Self.burst {
                use(objects[position % Self.capacity])
                position += 1
            }
            received.pointee.store(position, ordering: .releasing)
        }
    }
}
