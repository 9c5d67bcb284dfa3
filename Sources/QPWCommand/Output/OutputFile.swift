import ArgumentParser
import Foundation

/// A file that appears whole or not at all: it is written beside its place, under another name, and then renamed.
struct OutputFile {
    private let place: String
    private let option: String

    /// Fails before anything is measured if the file could not be written. `option` is what the user typed it after.
    init(_ path: String, for option: String) throws {
        self.option = option
        // Of a link the file behind it is replaced, and the link stays.
        place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var status = stat()
        if stat(place, &status) == 0 && status.st_mode & S_IFMT != S_IFREG {
            throw ValidationError("\(option) \(path): this is no ordinary file.")
        }
        let (descriptor, name) = try newNeighbour()
        close(descriptor)
        unlink(name)
    }

    func write(_ text: String) throws {
        let (descriptor, name) = try newNeighbour()
        defer { unlink(name) }
        let isWritten = writeAll(text, to: descriptor)
        guard close(descriptor) == 0, isWritten, rename(name, place) == 0 else { throw failure(errno) }
    }

    private func newNeighbour() throws -> (descriptor: Int32, name: String) {
        let name = "\(place).\(getpid()).part"
        let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(errno) }
        return (descriptor, name)
    }

    private func failure(_ error: Int32) -> ValidationError {
        ValidationError("\(option) \(place): it cannot be written: \(String(cString: strerror(error))).")
    }
}
