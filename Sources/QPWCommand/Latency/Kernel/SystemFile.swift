import Foundation

/// Files of the kernel: one write or one read each, with the reason where that fails.
enum SystemFile {
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let code: Int32

        var description: String { "\(path): \(String(cString: strerror(code)))" }
    }

    static func write(_ text: String, to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(path: path, code: errno)
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
