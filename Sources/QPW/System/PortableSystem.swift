#if !os(Linux) || QPW_PORTABLE
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the core asks of the operating system, of POSIX alone.
///
/// There is no CPU number: a thread's *virtual* CPU is a hash of its identity, so that threads spread over the
/// slots and each keeps its own.
package enum System {
    package static let isPortable = true

    package static let virtualCPUCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_CONF))))

    package static func currentCPU() -> Int {
        let identity = threadIdentity()
        // Thread descriptors are page-aligned: a multiplicative hash brings their high bits down.
        let hash = (identity >> 12) &* 0x9E37_79B9_7F4A_7C15
        return Int((hash >> 32) % UInt(virtualCPUCount))
    }

    package static func threadID() -> UInt32 {
        UInt32(truncatingIfNeeded: threadIdentity() >> 12) | 1
    }

    /// Nothing is remembered: a thread's identity is its descriptor's address.
    package static func forgetThreadID() {}

    private static func threadIdentity() -> UInt {
        #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }

    package static func wait(on word: UnsafeRawPointer, expected: UInt32, nanoseconds: Int64?) {
        ParkingLot.shared.wait(on: word, expected: expected, nanoseconds: nanoseconds)
    }

    package static func wakeAll(_ word: UnsafeRawPointer) {
        ParkingLot.shared.wakeAll(word)
    }

    package static func pinThread(to cpu: CPU) -> Bool { false }

    @discardableResult
    package static func setAffinity(_ cpus: CPUSet) -> Bool { false }

    package static func nameThread(_ name: String) {}
}
#endif
