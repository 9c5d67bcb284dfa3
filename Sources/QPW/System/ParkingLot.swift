#if !os(Linux) || QPW_PORTABLE
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import CQPW
import Synchronization

/// A futex for systems without one: threads wait on a word's address, hashed to one of a few condition variables.
///
/// The word is read under the bucket's mutex, and a waker takes that mutex after it changed the word: so a waiter
/// either sees the change or is asleep when the wake comes. Buckets are shared, so a wake may be spurious.
final class ParkingLot: @unchecked Sendable {
    static let shared = ParkingLot()

    private struct Bucket {
        var mutex = pthread_mutex_t()
        var condition = pthread_cond_t()
    }

    private static let count = 64
    private let buckets: UnsafeMutablePointer<Bucket>

    private init() {
        buckets = .allocate(capacity: Self.count)
        for index in 0..<Self.count {
            (buckets + index).initialize(to: Bucket())
            pthread_mutex_init(&buckets[index].mutex, nil)
            pthread_cond_init(&buckets[index].condition, nil)
        }
    }

    func wait(on word: UnsafeRawPointer, expected: UInt32, nanoseconds: Int64?) {
        let bucket = bucket(of: word)
        pthread_mutex_lock(&bucket.pointee.mutex)
        defer { pthread_mutex_unlock(&bucket.pointee.mutex) }
        let atomic = word.assumingMemoryBound(to: Atomic<UInt32>.self)
        guard atomic.pointee.load(ordering: .sequentiallyConsistent) == expected else { return }
        guard let nanoseconds else {
            pthread_cond_wait(&bucket.pointee.condition, &bucket.pointee.mutex)
            return
        }
        var limit = timespec()
        clock_gettime(CLOCK_REALTIME, &limit)
        let total = Int64(limit.tv_nsec) + nanoseconds % 1_000_000_000
        limit.tv_sec += Int(nanoseconds / 1_000_000_000 + total / 1_000_000_000)
        limit.tv_nsec = Int(total % 1_000_000_000)
        pthread_cond_timedwait(&bucket.pointee.condition, &bucket.pointee.mutex, &limit)
    }

    func wakeAll(_ word: UnsafeRawPointer) {
        let bucket = bucket(of: word)
        pthread_mutex_lock(&bucket.pointee.mutex)
        pthread_cond_broadcast(&bucket.pointee.condition)
        pthread_mutex_unlock(&bucket.pointee.mutex)
    }

    private func bucket(of word: UnsafeRawPointer) -> UnsafeMutablePointer<Bucket> {
        let hash = (UInt(bitPattern: word) >> 2) &* 0x9E37_79B9_7F4A_7C15
        return buckets + Int(hash >> 32) % Self.count
    }
}
#endif
