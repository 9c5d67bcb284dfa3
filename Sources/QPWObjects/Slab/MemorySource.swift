#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where memory comes from: the system, or in a test something that says no.
package struct MemorySource: Sendable {
    /// Maps zeroed pages aligned to `alignment`, a power of two; nil if there are none.
    package var map: @Sendable (_ bytes: Int, _ alignment: Int) -> UnsafeMutableRawPointer?
    package var unmap: @Sendable (_ address: UnsafeMutableRawPointer, _ bytes: Int) -> Void
    /// A small block for a sheaf; nil if there is none.
    package var allocate: @Sendable (_ bytes: Int) -> UnsafeMutableRawPointer?
    package var free: @Sendable (_ block: UnsafeMutableRawPointer) -> Void

    package static let system = MemorySource(
        map: mapAligned, unmap: { munmap($0, $1) }, allocate: allocateLines, free: { Sys.free($0) })

    package init(
        map: @escaping @Sendable (Int, Int) -> UnsafeMutableRawPointer?,
        unmap: @escaping @Sendable (UnsafeMutableRawPointer, Int) -> Void,
        allocate: @escaping @Sendable (Int) -> UnsafeMutableRawPointer?,
        free: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
    ) {
        self.map = map
        self.unmap = unmap
        self.allocate = allocate
        self.free = free
    }

    /// Whole cache lines: what one CPU writes in its sheaf is in no line of another's.
    @Sendable
    private static func allocateLines(_ bytes: Int) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        let line = 64
        return posix_memalign(&block, line, (bytes + line - 1) & ~(line - 1)) == 0 ? block : nil
    }

    /// Maps more than is asked for and gives back what sticks out.
    @Sendable
    private static func mapAligned(_ bytes: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
        // Pages are aligned to their size anyway.
        let excess = alignment > Int(sysconf(Int32(_SC_PAGESIZE))) ? alignment : 0
        let span = bytes + excess
        let mapped = mmap(nil, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { return nil }
        let start = mapped.alignedUp(toMultipleOf: alignment)
        let before = start - mapped
        if before > 0 { munmap(mapped, before) }
        let after = span - before - bytes
        if after > 0 { munmap(start + bytes, after) }
        return start
    }
}

/// The C library's `free`, whose name the property above hides.
private enum Sys {
    static func free(_ block: UnsafeMutableRawPointer) {
        #if canImport(Glibc)
        Glibc.free(block)
        #elseif canImport(Musl)
        Musl.free(block)
        #elseif canImport(Darwin)
        Darwin.free(block)
        #endif
    }
}
