// Sessions that end when nobody has used them for a while, with a clock that a test can turn; and why each one left.
import QPWPages
import Synchronization

let time = Atomic<Int64>(0)
let causes = Mutex<[Removal: Int]>([:])

let sessions = PageCache<Int, String>(
    "sessions", capacity: 100, expiry: Expiry(afterAccess: .seconds(600)),
    clock: CacheClock(nanoseconds: { time.load(ordering: .relaxed) }),
    onRemoval: { _, _, cause in causes.withLock { $0[cause, default: 0] += 1 } })

func pass(_ seconds: Int64) { time.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed) }

for number in 0..<10 { sessions.insert("session \(number)", for: number) }
pass(400)
precondition(sessions.get(3) == "session 3")
pass(400)
// The others are 800 seconds old: they are not found, and leave when somebody looks for such.
precondition(sessions.get(3) != nil && sessions.get(4) == nil)
print("ended: \(sessions.removeExpired())")
sessions.insert("session 3 again", for: 3)
sessions.remove(3)

for (cause, count) in causes.withLock({ $0 }) {
    print("\(cause): \(count), \(cause.isEviction ? "which the cache decided" : "as was asked")")
}
let statistics: CacheStatistics = sessions.statistics
print("\(statistics.hits) hits, \(statistics.misses) misses, \(statistics.count) left")
precondition(causes.withLock { $0[.expired] } == 9 && statistics.count == 0)
