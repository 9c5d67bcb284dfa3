import CQPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Knows whether this process is a forked child that still sees its parent's structures.
///
/// A child has one thread: workers are gone, and a slot that another thread held stays held. So each process has a
/// generation, and each structure that of its birth; who is about to wait or to ask a worker compares them, and traps with the
/// structure's name where he would wait for ever. The owner's fast path needs no check: it waits for nobody.
///
/// field      | who writes                          | how a child sees it
/// -----------|-------------------------------------|---------------------------------------------------------
/// generation | the first look in a child           | zero: the page is wiped by fork (MADV_WIPEONFORK)
/// last       | as `generation`                     | as in the parent: the highest generation there was
/// isQuiesced | prepareForFork; who starts a worker | as in the parent
final class ForkGuard: @unchecked Sendable {
    static let shared = ForkGuard()

    private struct WeakQueue {
        weak var queue: WorkQueue?
    }

    private let generation: UnsafeMutablePointer<Atomic<UInt32>>
    private let last = Atomic<UInt32>(1)
    private let isQuiesced = Atomic<Bool>(false)
    private let queues = Guarded<[ObjectIdentifier: WeakQueue]>([:])

    private init() {
        let size = Int(sysconf(Int32(_SC_PAGESIZE)))
        let page = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let page, page != MAP_FAILED else { trap("no memory for one page") }
        #if os(Linux)
        // MADV_WIPEONFORK, Linux 4.14; where it is unknown the guard stays silent.
        _ = madvise(page, size, 18)
        #endif
        generation = page.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        generation.pointee.store(1, ordering: .relaxed)
        // The forking thread's id is another in the child.
        pthread_atfork(nil, nil, { System.forgetThreadID() })
    }

    /// What a structure that is made now remembers.
    func currentGeneration() -> UInt32 {
        let current = generation.pointee.load(ordering: .relaxed)
        return current != 0 ? current : enterChild()
    }

    /// Traps if a structure was made in another process, whose threads it relies on.
    @inline(__always)
    func assertUsable(_ name: @autoclosure () -> String, since birth: UInt32) {
        if _slowPath(generation.pointee.load(ordering: .relaxed) != birth) { assertUsableSlow(name(), birth) }
    }

    private func assertUsableSlow(_ name: String, _ birth: UInt32) {
        guard currentGeneration() != birth else { return }
        trap(
            "'\(name)' was made before fork() and is used in the child, where its workers and the holders of its slots "
                + "no longer exist. Call exec, or call QPWProcess.prepareForFork() before fork().")
    }

    /// A child whose parent was quiet is as good as its parent.
    private func enterChild() -> UInt32 {
        let mine =
            isQuiesced.load(ordering: .relaxed)
            ? last.load(ordering: .relaxed) : last.load(ordering: .relaxed) + 1
        last.store(mine, ordering: .relaxed)
        generation.pointee.store(mine, ordering: .relaxed)
        return mine
    }

    /// Under the mutex no reference is followed: the last one to a queue could be dropped there, and the queue's end waits
    /// for work, which may make a queue and need the mutex.
    func register(_ queue: WorkQueue) {
        queues.withLock { $0[ObjectIdentifier(queue)] = WeakQueue(queue: queue) }
    }

    /// By a queue that ends, so that another at the same address is taken for nobody else.
    func forget(_ queue: ObjectIdentifier) {
        queues.withLock { $0[queue] = nil }
    }

    func quiesce() {
        // What is delayed runs as its worker ends, and may queue itself again, which starts a worker anew.
        for _ in 0..<3 {
            isQuiesced.store(true, ordering: .sequentiallyConsistent)
            for entry in queues.withLock({ Array($0.values) }) { entry.queue?.stopWorkers() }
            if isQuiesced.load(ordering: .sequentiallyConsistent) { return }
        }
        trap("prepareForFork: some work queues itself again whenever it runs. Cancel it first.")
    }

    /// A worker is about to be started.
    func disturb() {
        isQuiesced.store(false, ordering: .sequentiallyConsistent)
    }
}

/// What concerns the process as a whole.
public enum QPWProcess {
    /// Ends all workers, so that a child made by `fork` without `exec` can use structures made before it.
    ///
    /// Waits for queued work, and runs what is delayed at once. The caller sees to it that no other thread uses a per-CPU
    /// structure from this call until after `fork`; work that always queues itself again must be cancelled first. Workers
    /// start anew, in parent and child, with the next work. Without this call a child may use slots that nobody held,
    /// and traps when it would have to wait for a thread that does not exist in it.
    @available(*, noasync)
    public static func prepareForFork() {
        ForkGuard.shared.quiesce()
    }
}
