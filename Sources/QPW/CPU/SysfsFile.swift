#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Files whose size is known only once they have been read to the end, as in sysfs.
enum SysfsFile {
    static func text(of path: String) throws(TopologyError) -> String {
        let descriptor = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .unreadable(file: path, code: errno) }
        // Not retried: after EINTR Linux has closed it, and another thread may own the number by then.
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            var code: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                let length = retryingInterrupts { read(descriptor, buffer.baseAddress, 4096) }
                code = length < 0 ? errno : 0
                count = max(length, 0)
            }
            guard code == 0 else { throw .unreadable(file: path, code: code) }
            guard !chunk.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk
        }
    }

    /// The names in a directory, in no order.
    static func names(in path: String) throws(TopologyError) -> [String] {
        guard let directory = opendir(path) else { throw .unreadable(file: path, code: errno) }
        defer { _ = closedir(directory) }
        let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name)!
        var names: [String] = []
        while true {
            // Only errno tells an error from the end, and success leaves it as it was.
            errno = 0
            guard let entry = readdir(directory) else { break }
            // Not through a copy of d_name: the kernel's records are shorter than the declared array.
            let name = UnsafeRawPointer(entry) + nameOffset
            names.append(String(cString: name.assumingMemoryBound(to: CChar.self)))
        }
        guard errno == 0 else { throw .unreadable(file: path, code: errno) }
        return names
    }

    private static func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }
}
