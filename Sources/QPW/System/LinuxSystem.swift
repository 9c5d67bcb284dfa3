#if os(Linux) && !QPW_PORTABLE
import CQPW
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the core asks of the operating system; `PortableSystem.swift` is its twin for other systems.
package enum System {
    package static let isPortable = false

    /// The CPU that the calling thread ran on a moment ago.
    package static func currentCPU() -> Int {
        let cpu = qpw_rseq_registered() ? qpw_rseq_cpu() : qpw_current_cpu()
        return Int(max(0, cpu))
    }

    /// The kernel's id of the calling thread, which is what a priority-inheriting futex holds.
    package static func threadID() -> UInt32 {
        let cache = threadIDCache()
        if _slowPath(cache.pointee == 0) { cache.pointee = qpw_gettid() }
        return UInt32(bitPattern: cache.pointee)
    }

    /// For a forked child, whose only thread has a new id.
    package static func forgetThreadID() { threadIDCache().pointee = 0 }

    /// Never inlined: each object file that C's inline function is compiled into has its own thread-local word.
    @inline(never)
    private static func threadIDCache() -> UnsafeMutablePointer<Int32> { qpw_thread_id_cache() }

    /// Sleeps until `word` is woken, or is not `expected`, or the time has passed, or for no reason at all.
    package static func wait(on word: UnsafeRawPointer, expected: UInt32, nanoseconds: Int64?) {
        _ = qpw_futex_wait(word, expected, nanoseconds ?? -1)
    }

    package static func wakeAll(_ word: UnsafeRawPointer) {
        _ = qpw_futex_wake(word, .max)
    }

    /// Pins the calling thread; false if the CPU is offline or outside the thread's cpuset.
    package static func pinThread(to cpu: CPU) -> Bool {
        setAffinity([cpu])
    }

    /// Restricts the calling thread to `cpus`; false if none of them can be used.
    @discardableResult
    package static func setAffinity(_ cpus: CPUSet) -> Bool {
        qpw_affinity_set(cpus.words, cpus.words.count) == 0
    }

    package static func nameThread(_ name: String) {
        name.withCString { qpw_name_thread($0) }
    }
}
#endif
