import CQPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The monotonic clock in nanoseconds: what deadlines are counted in.
package enum MonotonicClock {
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The time at which `duration` has passed.
    package static func time(in duration: Duration) -> Int64 {
        let (time, overflow) = now().addingReportingOverflow(max(0, duration.nanoseconds))
        return overflow ? .max : time
    }

    /// The time at which `timeout` has passed; nil for no time-out.
    package static func deadline(after timeout: Duration?) -> Int64? {
        timeout.map { time(in: $0) }
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to what 64 bits hold.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        guard abs(seconds) < Int64.max / 1_000_000_000 else { return seconds < 0 ? .min : .max }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

/// Gives the CPU to another thread of the same priority, if there is one.
package func yieldThread() {
    sched_yield()
}
