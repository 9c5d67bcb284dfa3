import QPW
import Synchronization

// A load's value is put into the table, then its flight ends, then those who wait get it: so who comes too late for the flight
// finds the value in the table, and there is no moment at which a second load could begin. It is put there only if the key has
// none, so what somebody inserted meanwhile stays, and only if the load is not stale.
//
// Nobody finds what was loaded for a key after a write or removal of it has returned that came later than the load began. The
// writer first makes the load stale and then locks the key's stripe; who loads asks, with the stripe locked, whether his load
// is stale, and publishes before he unlocks it. If he asks after it was made stale, he does not publish. If he asks before, the
// writer gets the stripe after the entry was published, and replaces it or takes it out like any other.

extension PageCache {
    /// The value of a key; if there is none it is loaded, once for all who ask for it at the same time.
    ///
    /// If the load throws, all of them get the error, and nothing is kept. What the key is set to or cleared of while the load
    /// is under way stands, and what was loaded is then returned but not kept. The caller's thread sleeps while another
    /// loads. A loader must not ask for the key that it loads, which traps, nor two for each other's, who would wait for ever.
    @available(*, noasync) @_disfavoredOverload
    public func getOrLoad(_ key: Key, _ load: (Key) throws -> Value) throws -> Value {
        if let value = get(key) { return value }
        switch flights.join(key, loadingOn: System.threadID()) {
        case .wait(let flight): return try flight.wait(named: name)
        case .load(let flight):
            if let value = landLoadedMeanwhile(key, flight) { return value }
            let result = Result { try load(key) }
            finish(key, flight, result)
            return try result.get()
        }
    }

    /// As the blocking `getOrLoad(_:_:)`, without blocking the thread.
    ///
    /// The load is a task of its own: who is cancelled while he waits gets a `CancellationError`, and it goes on for the others.
    /// It is cancelled when nobody is left who waits for it.
    public func getOrLoad(_ key: Key, _ load: @escaping @Sendable (Key) async throws -> Value) async throws
        -> Value
    {
        if let value = get(key) { return value }
        switch flights.join(key) {
        case .wait(let flight): return try await flight.value()
        case .load(let flight):
            begin(key, flight, load)
            return try await flight.value()
        }
    }

    private func begin(
        _ key: Key, _ flight: Flight<Value>, _ load: @escaping @Sendable (Key) async throws -> Value
    ) {
        guard landLoadedMeanwhile(key, flight) == nil else { return }
        let task = Task {
            let result: Result<Value, any Error>
            do { result = .success(try await load(key)) } catch { result = .failure(error) }
            finish(key, flight, result)
        }
        flight.onAbandoned { [flights] in
            flights.abandon(key, flight)
            task.cancel()
        }
    }

    /// Ends a load that need not be done: another put the value there between the caller's look-up and his own load.
    private func landLoadedMeanwhile(_ key: Key, _ flight: Flight<Value>) -> Value? {
        guard let value = readAside({ () -> Value? in look(key)?.value.pointee }) else {
            return nil
        }
        flights.end(key, flight)
        flight.land(.success(value))
        return value
    }

    private func finish(_ key: Key, _ flight: Flight<Value>, _ result: Result<Value, any Error>) {
        loads.wrappingAdd(1, ordering: .relaxed)
        if case .success(let value) = result {
            if isTimed { takeOutExpired(key) }
            insertLoaded(value, for: key) { flights.isFresh(flight) }
        } else {
            failedLoads.wrappingAdd(1, ordering: .relaxed)
        }
        flights.end(key, flight)
        flight.land(result)
    }
}
