import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Zeroed memory straight from the system: from 2 MiB up in large pages, where the system gives some to who asks.
enum LargePages {
    static let size = 1 << 21

    static func map(_ bytes: Int, for name: String) -> UnsafeMutableRawPointer {
        let alignment = bytes >= size ? size : 0
        let mapped = mmap(nil, bytes + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { trap("no memory for '\(name)': \(bytes) bytes") }
        guard alignment > 0 else { return mapped }
        let before = Int((0 &- UInt(bitPattern: mapped)) & UInt(alignment - 1))
        if before > 0 { munmap(mapped, before) }
        if alignment > before { munmap(mapped + before + bytes, alignment - before) }
        #if os(Linux)
        madvise(mapped + before, bytes, MADV_HUGEPAGE)
        #endif
        return mapped + before
    }

    static func unmap(_ address: UnsafeMutableRawPointer, _ bytes: Int) { munmap(address, bytes) }
}
