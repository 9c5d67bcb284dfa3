#if os(Linux)
import Foundation

/// The kernel's tracing file system: where it is mounted, or a mount of our own that nobody else sees.
final class Tracefs: Sendable {
    let path: String
    private let ownMount: Int32?

    static let usualPaths = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]

    /// Mounts it if it is mounted nowhere usual, which needs root.
    convenience init() throws(SystemFile.Failure) {
        if let path = Self.usualPaths.first(where: { SystemFile.exists($0 + "/instances") }) {
            self.init(path: path, ownMount: nil)
        } else {
            let descriptor = try Self.mountForOurselves()
            self.init(path: "/proc/self/fd/\(descriptor)", ownMount: descriptor)
        }
    }

    private init(path: String, ownMount: Int32?) {
        self.path = path
        self.ownMount = ownMount
    }

    deinit {
        if let ownMount { close(ownMount) }
    }

    /// Mounted, opened and taken off the tree again at once: it lasts as long as the descriptor, however the process
    /// ends.
    private static func mountForOurselves() throws(SystemFile.Failure) -> Int32 {
        var template = Array("/tmp/qpw-tracefs.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFile.Failure(path: "/tmp", code: errno) }
        let directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        defer { rmdir(directory) }
        guard mount("nodev", directory, "tracefs", 0, nil) == 0 else {
            throw SystemFile.Failure(path: "mounting it", code: errno)
        }
        defer { umount2(directory, Int32(MNT_DETACH)) }
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFile.Failure(path: directory, code: errno) }
        return descriptor
    }
}
#endif
