import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWPages

extension PageTests {
    /// Many threads that do everything at once.
    @Suite struct CacheTortureTests {
        private static let threads = 6

        @Test(arguments: everyPolicy) func losesNothing(policy: QPWPolicy) async throws {
            let torture = CacheTorture(capacity: 3000, policy: policy)
            try await onThread { torture.run(threads: Self.threads, milliseconds: 300) }
            #expect(torture.wrongValues.count == 0)
            #expect(torture.excesses.count == 0)
            #expect(torture.rounds.count > 0)
            #expect(torture.isEmptyInTheEnd())
        }

        /// The checks can fail: a cache that never evicts, since it believes that everything has room, is caught, and so is
        /// one that is only three times too large.
        @Test(arguments: [1 << 30, 9000]) func catchesACacheThatIsTooLarge(capacity: Int) async throws {
            let torture = CacheTorture(capacity: capacity, boundedBy: 3000, policy: .default)
            try await onThread { torture.run(threads: Self.threads, milliseconds: 50) }
            #expect(torture.excesses.count > 0)
        }

        /// And one that frees what readers may still see. The address sanitizer would end the process.
        @Test(
            .disabled(
                if: Machine.hasAddressSanitizer, "the address sanitizer ends the process where it should"))
        func catchesACacheThatFreesTooEarly() async throws {
            let torture = CacheTorture(capacity: 300, policy: .default)
            torture.cache.core.reaper.close()
            try await onThread {
                let limit = TimeLimit(milliseconds: 20_000)
                while torture.wrongValues.count == 0, !limit.isOver {
                    torture.readAndReplace(threads: Self.threads, milliseconds: 200)
                }
            }
            #expect(torture.wrongValues.count > 0)
        }
    }
}

/// A value that tells whether it is whole, and whose it is.
struct Sealed: Sendable {
    let number: Int
    private let seal: Int

    init(_ number: Int) {
        self.number = number
        seal = ~number
    }

    func isIntact(for key: Int) -> Bool { number == key && seal == ~key }
}

private struct CacheTorture: Sendable {
    let cache: PageCache<Int, Sealed>
    let bound: Int
    let wrongValues = Tally(), excesses = Tally(), rounds = Tally()
    private let keyCount: Int

    init(capacity: Int, boundedBy bound: Int? = nil, policy: QPWPolicy) {
        self.bound = bound ?? capacity
        keyCount = 4 * self.bound
        cache = PageCache(
            "tortured", weightCapacity: capacity, policy: policy, weigher: { key, _ in key % 3 })
    }

    func run(threads: Int, milliseconds: Int64) {
        let limit = TimeLimit(milliseconds: milliseconds)
        let crew = Crew()
        crew.start(threads) { thread, random in
            for key in stride(from: thread, to: keyCount, by: threads) {
                cache.insert(Sealed(key), for: key)
                checkBound(threads: threads)
            }
            repeat {
                for _ in 0..<100 {
                    doSomething(&random)
                    checkBound(threads: threads)
                }
                rounds.add()
            } while !limit.isOver
        }
        crew.join()
    }

    private func doSomething(_ random: inout SeededRandom) {
        let key = Int.random(in: 0..<keyCount, using: &random) & Int.random(in: 0..<keyCount, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50: check(cache.get(key), key)
        case 50..<80: cache.insert(Sealed(key), for: key)
        case 80..<88: check(cache.remove(key), key)
        case 88..<92: cache.withPinned(key) { check(copy $0, key) }
        case 92..<95: check(try? cache.getOrLoad(key) { Sealed($0) }, key)
        case 95..<97: cache.deactivate(key)
        case 97..<99: cache.lazyFree(key)
        default: lookLong(key)
        }
        if Int.random(in: 0..<20_000, using: &random) == 0 { cache.removeAll() }
    }

    /// Reads a value when others have had time to replace it. A body would get a copy of one so small before it waits.
    private func lookLong(_ key: Int) {
        cache.rcu.read {
            guard let entry = cache.look(key) else { return }
            yieldThread()
            check(entry.value.pointee, key)
        }
    }

    private func check(_ value: Sealed?, _ key: Int) {
        if let value, !value.isIntact(for: key) { wrongValues.add() }
    }

    /// What CacheCore+Reclaim.swift says, with weights of two at most and pins of as many as there are threads. The weight
    /// that is reserved is never less than what the table holds.
    private func checkBound(threads: Int) {
        let most = cache.core.mostWeight(threads: threads, heaviest: 2) + 2 * threads
        if cache.core.used.load(ordering: .relaxed) > most - cache.capacity + bound { excesses.add() }
    }

    /// All is accounted for: the table's weight is what was reserved, nobody is left on the lists, everything is freed.
    func isEmptyInTheEnd() -> Bool {
        guard cache.reduce(0, { $0 + $1.key % 3 }) == cache.statistics.weight else { return false }
        cache.removeAll()
        waitUntil { cache.statistics.unfreed == 0 }
        cache.core.lru.drainAll()
        return cache.statistics.weight == 0 && cache.count == 0 && cache.core.lru.sizes.total.folios == 0
    }

    /// Readers that look twice at a value that others replace all the time.
    func readAndReplace(threads: Int, milliseconds: Int64) {
        let limit = TimeLimit(milliseconds: milliseconds)
        let crew = Crew()
        crew.start(threads) { thread, random in
            while !limit.isOver {
                let key = Int.random(in: 0..<64, using: &random)
                if thread % 2 == 0 {
                    cache.insert(Sealed(key), for: key)
                    cache.remove(key ^ 1)
                } else {
                    lookLong(key)
                }
            }
        }
        crew.join()
    }
}
