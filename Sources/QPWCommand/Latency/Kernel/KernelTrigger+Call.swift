#if os(Linux) && !QPW_PORTABLE
import CQPW
import Foundation

extension KernelTrigger {
    /// What is missing for it here.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens what the call needs, so that nothing but the call itself is timed.
    func prepare() throws(Missing) -> @Sendable () -> KernelSubject.Outcome {
        switch self {
        case .movePages: Self.movingOwnPage()
        case .collapse: Self.collapsing
        case .flushBuffers: try Self.flushing()
        case .compactMemory: try Self.writing("1", to: "/proc/sys/vm/compact_memory")
        case .dropCaches: try Self.writing("1", to: "/proc/sys/vm/drop_caches")
        }
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    private static let hugeSize = 2 << 20

    /// To the node where it is: the kernel drains before it looks.
    private static func movingOwnPage() -> @Sendable () -> KernelSubject.Outcome {
        let page = UnsafeMutableRawPointer.allocate(byteCount: pageSize, alignment: pageSize)
        page.initializeMemory(as: UInt8.self, repeating: 1, count: pageSize)
        nonisolated(unsafe) let moved = page
        return { KernelSubject.Outcome(result: Int(qpw_move_page(moved, 0))) }
    }

    @Sendable
    private static func collapsing() -> KernelSubject.Outcome {
        let span = 2 * hugeSize
        let mapped = mmap(nil, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { return KernelSubject.Outcome(result: -Int(errno)) }
        defer { munmap(mapped, span) }
        let aligned = mapped.alignedUp(toMultipleOf: hugeSize)
        aligned.storeBytes(of: 1, as: UInt8.self)
        // MADV_COLLAPSE, Linux 6.1.
        return KernelSubject.Outcome(result: madvise(aligned, hugeSize, 25) == 0 ? 0 : -Int(errno))
    }

    private static func writing(
        _ text: String, to path: String
    ) throws(Missing) -> @Sendable () -> KernelSubject.Outcome {
        guard access(path, W_OK) == 0 else { throw Missing(description: "\(path) cannot be written to") }
        return {
            do throws(SystemFile.Failure) {
                try SystemFile.write(text, to: path)
                return .done
            } catch {
                return .failed(error.description)
            }
        }
    }

    /// Of a loop device that is attached to a file: no disk is touched, and its pages can be read again.
    private static func flushing() throws(Missing) -> @Sendable () -> KernelSubject.Outcome {
        let attached = (0..<64).first { SystemFile.exists("/sys/block/loop\($0)/loop/backing_file") }
        guard let attached else { throw Missing(description: "no loop device is attached to a file") }
        let descriptor = open("/dev/loop\(attached)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Missing(description: "/dev/loop\(attached) cannot be opened") }
        return {
            // Without a page in memory the kernel has nothing to invalidate, and does not drain.
            var byte: UInt8 = 0
            guard pread(descriptor, &byte, 1, 0) >= 0 else { return .failed("/dev/loop\(attached): read") }
            // BLKFLSBUF.
            return KernelSubject.Outcome(result: ioctl(descriptor, 0x1261, 0) == 0 ? 0 : -Int(errno))
        }
    }
}

extension KernelSubject.Outcome {
    /// Zero, or an error number negated.
    fileprivate init(result: Int) {
        self = result >= 0 ? .done : .failed(String(cString: strerror(Int32(-result))))
    }
}
#endif
