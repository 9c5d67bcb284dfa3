import Foundation
import Synchronization

// One lock that all threads share: what a program without per-CPU data would use.

final class SharedMutex: Operation {
    private let value = Mutex(0)

    func perform(lane: Int) {
        value.withLock { $0 &+= 1 }
    }
}

final class SharedPthreadMutex: Operation {
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let value = UnsafeMutablePointer<Int>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        value.initialize(to: 0)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deallocate()
    }

    func perform(lane: Int) {
        pthread_mutex_lock(mutex)
        value.pointee &+= 1
        pthread_mutex_unlock(mutex)
    }
}

#if !canImport(Darwin)
final class SharedPthreadSpin: Operation {
    private nonisolated(unsafe) let lock = UnsafeMutablePointer<pthread_spinlock_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let value = UnsafeMutablePointer<Int>.allocate(capacity: 1)

    init() {
        pthread_spin_init(lock, 0)
        value.initialize(to: 0)
    }

    deinit {
        pthread_spin_destroy(lock)
        lock.deallocate()
        value.deallocate()
    }

    func perform(lane: Int) {
        pthread_spin_lock(lock)
        value.pointee &+= 1
        pthread_spin_unlock(lock)
    }
}
#endif
