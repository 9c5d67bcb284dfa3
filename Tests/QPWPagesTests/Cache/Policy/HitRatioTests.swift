import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// What is evicted, judged by what is then missed.
    @Suite struct HitRatioTests {
        /// Within a twentieth of a percent: chance decides that much.
        @Test(arguments: Workload.all) func isAtLeastS3FIFOs(workload: Workload) {
            let ours = TwoLists.hitRatio(workload)
            let theirs = S3FIFO.hitRatio(workload)
            let exact = ExactLRU.hitRatio(workload)
            print("\(workload.name): \(ours), S3-FIFO \(theirs), exact LRU \(exact)")
            #expect(ours >= theirs - 0.05)
            #expect(ours > exact)
        }

        /// The cache remembers what it evicted in lines of a table: that must not cost it a percent of the requests.
        ///
        /// A loop over 3000 is left out: about half of the capacity comes back in a round, which is where a cache of 2000 is on
        /// the edge of giving up its active entries, and chance decides how many it keeps.
        @Test(arguments: Workload.all.filter { $0.keyCount != 3000 }) func ofTheCacheIsItsPolicys(
            workload: Workload
        ) async throws {
            // Pinned, since what is left in the batch of a CPU that a thread has left is neither active nor evictable.
            let ratio = try await onThread(on: Machine.first) {
                let cache = PageCache<Int, Int>("hit ratio", capacity: workload.capacity)
                return workload.hitRatio { key in
                    if cache.get(key) != nil { return true }
                    cache.insert(key, for: key)
                    return false
                }
            }
            let policy = TwoLists.hitRatio(workload)
            print("\(workload.name): the cache \(ratio), its policy \(policy)")
            #expect(abs(ratio - policy) < 1)
            #expect(ratio >= S3FIFO.hitRatio(workload) - 0.2)
        }
    }
}
