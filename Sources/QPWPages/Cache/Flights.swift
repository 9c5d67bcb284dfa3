import QPW
import Synchronization

// count | who begins and ends a load | the mutex | seq-cst
//
// A write or removal of a key makes the load of the key stale that is under way; it looks at `count` first, so that it costs a
// load where nobody loads. A load begins to read its source after it raised the count. So if the source changed before the
// writer came here, and the load read what was there before, then the count was raised before the change, and the writer sees
// it.

/// The loads of a cache that are under way: at most one for each key.
final class Flights<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let flights = Guarded([Key: Flight<Value>]())
    private let count = Atomic<Int>(0)

    /// The load of a key that the caller is to do, or that of another.
    enum Part {
        case load(Flight<Value>)
        case wait(Flight<Value>)
    }

    /// `thread` is the caller's, if he would load himself and not by a task.
    func join(_ key: Key, loadingOn thread: UInt32? = nil) -> Part {
        flights.withLock { flights in
            let former = flights[key]
            if let former, former.join() { return .wait(former) }
            // An abandoned one that its last waiter has not come round to end.
            former?.isStale = true
            let flight = Flight<Value>(loadedBy: thread)
            flights[key] = flight
            if former == nil { count.wrappingAdd(1, ordering: .sequentiallyConsistent) }
            return .load(flight)
        }
    }

    /// Whether the key was neither written nor removed since the load began, nor the load abandoned.
    func isFresh(_ flight: Flight<Value>) -> Bool { flights.withLock { _ in !flight.isStale } }

    /// Whoever asks for the key from now on begins another load.
    func end(_ key: Key, _ flight: Flight<Value>) {
        flights.withLock { forget(key, flight, &$0) }
    }

    /// Nobody wants the result of a load: it is not kept, and who asks for the key from now on begins another.
    func abandon(_ key: Key, _ flight: Flight<Value>) {
        flights.withLock { flights in
            flight.isStale = true
            forget(key, flight, &flights)
        }
    }

    private func forget(_ key: Key, _ flight: Flight<Value>, _ flights: inout [Key: Flight<Value>]) {
        guard flights[key] === flight else { return }
        flights[key] = nil
        count.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    /// What is being loaded for a key is out of date.
    func invalidate(_ key: Key) {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return }
        flights.withLock { $0[key]?.isStale = true }
    }

    /// What is being loaded for any key is out of date.
    func invalidateAll() {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return }
        flights.withLock { for flight in $0.values { flight.isStale = true } }
    }
}
