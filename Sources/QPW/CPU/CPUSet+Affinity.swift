#if os(Linux) && !QPW_PORTABLE
import CQPW
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension CPUSet {
    #if os(Linux) && !QPW_PORTABLE
    /// The CPUs that the calling thread may run on; nil if the kernel does not say. One system call.
    ///
    /// Kernel counterpart: `sched_getaffinity()` (`kernel/sched/syscalls.c`, before 6.11
    /// `kernel/sched/core.c`), which leaves out CPUs that are offline.
    static func affinityOfCallingThread() -> CPUSet? { affinity { qpw_affinity_get($0, $1) } }

    /// The same of the program's first thread: what it was started with, unless it pinned itself.
    static func affinityOfProcess() -> CPUSet? { affinity { qpw_affinity_get_of_process($0, $1) } }

    private static func affinity(_ read: (UnsafeMutablePointer<UInt64>, Int) -> Int32) -> CPUSet? {
        // The kernel refuses a buffer narrower than its own mask and does not say how wide that is.
        var capacity = 16
        while capacity <= 1024 {
            var result: Int32 = 0
            let words = [UInt64](unsafeUninitializedCapacity: capacity) { buffer, count in
                result = read(buffer.baseAddress!, capacity)
                count = Int(Swift.max(result, 0))
            }
            guard result == -EINVAL else { return result > 0 ? CPUSet(words: words) : nil }
            capacity *= 2
        }
        return nil
    }
    #else
    /// Nil: POSIX knows no affinity.
    static func affinityOfCallingThread() -> CPUSet? { nil }

    static func affinityOfProcess() -> CPUSet? { nil }
    #endif
}
