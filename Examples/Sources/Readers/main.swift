// A configuration that is read all the time, without a lock, and replaced now and then.
import Dispatch
import QPW
import Synchronization

struct Configuration {
    var limit: Int
    var name: String
}

final class Current: Sendable {
    private let domain = RCUDomain("configuration")
    private let address: Atomic<UInt>

    init(_ configuration: Configuration) { address = Atomic(Self.publish(configuration)) }

    deinit { Self.end(address.load(ordering: .acquiring)) }

    /// A few cycles. What the body reaches stays what it is until the body ends.
    func read<R>(_ body: (borrowing Configuration) -> R) -> R {
        domain.read {
            let pointer = UnsafePointer<Configuration>(bitPattern: address.load(ordering: .acquiring))!
            return body(pointer.pointee)
        }
    }

    /// Readers see the old one or the new one. The old one ends when nobody can see it any more; nobody waits for that.
    func replace(by configuration: Configuration) {
        let old = address.exchange(Self.publish(configuration), ordering: .acquiringAndReleasing)
        domain.call { Self.end(old) }
    }

    private static func publish(_ configuration: Configuration) -> UInt {
        let pointer = UnsafeMutablePointer<Configuration>.allocate(capacity: 1)
        pointer.initialize(to: configuration)
        return UInt(bitPattern: pointer)
    }

    private static func end(_ address: UInt) {
        let pointer = UnsafeMutablePointer<Configuration>(bitPattern: address)!
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }
}

let current = Current(Configuration(limit: 0, name: "0"))
DispatchQueue.concurrentPerform(iterations: 4) { worker in
    for step in 1...1000 {
        if worker == 0 { current.replace(by: Configuration(limit: step, name: String(step))) }
        let isWhole = current.read { String($0.limit) == $0.name }
        precondition(isWhole, "a reader saw two configurations at once")
    }
}
print("the limit is \(current.read { $0.limit })")
