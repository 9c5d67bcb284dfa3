import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

private struct Unloadable: Error, Equatable { let number: Int }

extension PageTests {
    @Suite struct LoadTests {
        @Test func happensOnce() async throws {
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 10)
                let loaded = try cache.getOrLoad(1) { $0 * 10 }
                let found = try cache.getOrLoad(1) { _ in fatalError("it is there") }
                #expect(loaded == 10)
                #expect(found == 10)
                #expect(cache.statistics.loads == 1)
            }
        }

        @Test func aFailureIsNotKept() async throws {
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 10)
                #expect(throws: Unloadable(number: 1)) {
                    try cache.getOrLoad(1) { throw Unloadable(number: $0) }
                }
                let loaded = try cache.getOrLoad(1) { $0 }
                #expect(loaded == 1)
                #expect(cache.statistics.failedLoads == 1)
            }
        }

        /// Threads that ask for the same keys in the same order: each key is loaded once, whoever does it.
        @Test func aStormOfThreadsLoadsOnce() async throws {
            let loads = Tally(), wrong = Tally()
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 10_000)
                let crew = Crew()
                crew.start(8) { _, _ in
                    for key in 0..<500 {
                        let value = try? cache.getOrLoad(key) { key in
                            loads.add()
                            System.sleep(nanoseconds: 10_000)
                            return key * 3
                        }
                        if value != key * 3 { wrong.add() }
                    }
                }
                crew.join()
            }
            #expect(loads.count == 500)
            #expect(wrong.count == 0)
        }

        @Test func everyWaiterGetsTheError() async throws {
            let errors = Tally()
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 10)
                let crew = Crew()
                let begun = Flag(), mayFail = Flag()
                crew.start(6) { _, _ in
                    do {
                        _ = try cache.getOrLoad(1) { key in
                            begun.raise()
                            mayFail.wait()
                            throw Unloadable(number: key)
                        }
                    } catch {
                        if error as? Unloadable == Unloadable(number: 1) { errors.add() }
                    }
                }
                begun.wait()
                System.sleep(nanoseconds: 5_000_000)
                mayFail.raise()
                crew.join()
                #expect(cache.get(1) == nil)
            }
            #expect(errors.count == 6)
        }

        @Test func tasksWaitForOneLoad() async throws {
            let cache = PageCache<Int, Int>(capacity: 100)
            let loads = Tally()
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await cache.getOrLoad(number % 10) { key in
                            loads.add()
                            try await Task.sleep(nanoseconds: 1_000_000)
                            return key
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 20 * 45)
            #expect(loads.count == 10)
        }

        @Test func aCancelledWaiterLeavesTheOthers() async throws {
            let cache = PageCache<Int, Int>(capacity: 100)
            let begun = Flag(), mayLand = Flag()
            let load: @Sendable (Int) async throws -> Int = { key in
                begun.raise()
                while !mayLand.isRaised { try await Task.sleep(nanoseconds: 100_000) }
                return key * 2
            }
            let first = Task { try await cache.getOrLoad(4, load) }
            while !begun.isRaised { await Task.yield() }
            let second = Task { try await cache.getOrLoad(4, load) }
            // Most likely the second waits by then; if not, it loads anew, and there was nobody to be left.
            try await Task.sleep(nanoseconds: 2_000_000)
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            mayLand.raise()
            #expect(try await second.value == 8)
            #expect(cache.get(4) == 8)
        }

        @Test func aLoadThatNobodyWantsIsCancelled() async throws {
            let cache = PageCache<Int, Int>(capacity: 100)
            let begun = Flag(), stopped = Flag()
            let only = Task {
                try await cache.getOrLoad(4) { key in
                    begun.raise()
                    do { try await Task.sleep(nanoseconds: 60_000_000_000) } catch { stopped.raise() }
                    return key
                }
            }
            while !begun.isRaised { await Task.yield() }
            only.cancel()
            await #expect(throws: CancellationError.self) { try await only.value }
            while !stopped.isRaised { await Task.yield() }
            #expect(try await cache.getOrLoad(4) { $0 + 1 } == 5, "who comes later loads anew")
            #expect(cache.get(4) == 5)
        }

        @Test func aTaskThatIsCancelledBeforeItWaits() async throws {
            let cache = PageCache<Int, Int>(capacity: 100)
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await cache.getOrLoad(1) { key in
                    // Ended by the cancellation, since nobody else waits.
                    try await Task.sleep(nanoseconds: 60_000_000_000)
                    return key
                }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }

        /// Between the last waiter's leave and the end of its load there is a moment at which others come.
        @Test func whoComesAfterTheLastHasLeftLoadsAnew() async throws {
            let flights = Flights<Int, Int>()
            guard case .load(let abandoned) = flights.join(1) else { throw Unloadable(number: 1) }
            let only = Task { try await abandoned.value() }
            only.cancel()
            await #expect(throws: CancellationError.self) { try await only.value }
            guard case .load(let next) = flights.join(1) else { throw Unloadable(number: 2) }
            #expect(next !== abandoned)
            flights.abandon(1, abandoned)
            guard case .wait(let shared) = flights.join(1) else { throw Unloadable(number: 3) }
            #expect(shared === next)
            #expect(!flights.isFresh(abandoned), "its value is not kept")
            #expect(flights.isFresh(next))
        }

        /// The source has changed: what was read before must not be found after the removal, nor for a moment.
        @Test(arguments: ["remove", "removeAll", "insert"])
        func whatIsOutOfDateIsNotKept(how: String) async throws {
            try await onThread {
                let cache = PageCache<Int, Int>(capacity: 10)
                let value = try cache.getOrLoad(1) { _ in
                    switch how {
                    case "remove": cache.remove(1)
                    case "removeAll": cache.removeAll()
                    default: cache.insert(2, for: 1)
                    }
                    return 1
                }
                #expect(value == 1)
                #expect(cache.get(1) == (how == "insert" ? 2 : nil))
                #expect(cache.statistics.removals[.removed] == 0, "it was never in the table")
            }
        }

        @Test func aThreadAndTasksShareALoad() async throws {
            let cache = PageCache<Int, Int>(capacity: 10)
            let begun = Flag()
            let task = Task {
                try await cache.getOrLoad(1) { _ in
                    begun.raise()
                    try await Task.sleep(nanoseconds: 3_000_000)
                    return 5
                }
            }
            while !begun.isRaised { await Task.yield() }
            let found = try await onThread { try cache.getOrLoad(1) { _ in 6 } }
            #expect(found == 5)
            #expect(try await task.value == 5)
        }

        @Test func aLoaderThatWaitsForItselfTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                loadFromItself("own tail")
            }
            let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(text.contains("'own tail': a loader asks for the key that it loads"))
        }
    }
}

/// A loader that asks for what it loads.
private func loadFromItself(_ name: String) {
    let cache = PageCache<Int, Int>(name, capacity: 10)
    _ = try? cache.getOrLoad(1) { key in try cache.getOrLoad(key) { $0 } }
}
