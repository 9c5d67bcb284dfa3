import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A piece of zeroed memory for each CPU, in one mapping: those of CPUs that do nothing cost address space only.
struct CPUMemory: ~Copyable, @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let bytes: Int
    private let stride: Int

    /// The pieces lie 128 bytes apart or more, so that no two CPUs share a line.
    init(bytesPerCPU: Int, topology: Topology, for name: String) {
        stride = (bytesPerCPU + 127) & ~127
        bytes = Self.slotCount(topology) * stride
        let mapped = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { trap("no memory for '\(name)': \(bytes) bytes") }
        base = mapped
    }

    deinit { munmap(base, bytes) }

    subscript(cpu: CPU) -> UnsafeMutableRawPointer { base + cpu.id * stride }

    private static func slotCount(_ topology: Topology) -> Int {
        #if os(Linux) && !QPW_PORTABLE
        topology.slotCount
        #else
        max(System.virtualCPUCount, topology.slotCount)
        #endif
    }
}
