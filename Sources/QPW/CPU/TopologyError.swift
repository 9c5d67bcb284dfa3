#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Why a topology could not be read. Each case names the file.
public enum TopologyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file or directory could not be read; `code` is the `errno`.
    case unreadable(file: String, code: Int32)
    /// The file is no list of CPUs.
    case malformed(file: String, CPUSetError)
    /// The file lists no CPU, and a machine has at least one.
    case empty(file: String)

    /// One line that names the file and says what to do.
    public var description: String {
        switch self {
        case .unreadable(let file, let code):
            "\(file): \(String(cString: strerror(code))); mount sysfs there or name another root"
        case .malformed(let file, let error):
            "\(file): \(error); make it a CPU list or name another root"
        case .empty(let file):
            "\(file): no CPU is listed; write at least one, as in 0-3, or name another root"
        }
    }
}
