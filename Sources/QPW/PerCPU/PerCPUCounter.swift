import Synchronization

#if os(Linux) && !QPW_PORTABLE
public import CQPW
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// field    | who writes                                   | memory order
// ---------|----------------------------------------------|---------------------------------------------------------
// local    | threads on the CPU, each in a section        | one plain add, which is the commit; read relaxed
// shared   | threads that cannot use sections, anywhere   | relaxed read-modify-write; read relaxed
//
// `local` is never the target of two adds at once: a section that is interrupted between reading and writing is no such
// thing, since the add is one instruction, and a thread that was moved before it starts again on its new CPU. Who has no
// sections must not touch it, since his atomic add and a section's plain one would lose one of them.

/// A sum that every CPU adds to without disturbing the others: exact when read, cheap when added to.
///
/// Two's complement, 64 bits: it wraps around and does not saturate. Thread-safe and async-signal-safe. Kernel counterpart:
/// `this_cpu_add` (include/linux/percpu-defs.h) on a counter that is summed over the possible CPUs when read.
public struct PerCPUCounter: ~Copyable, @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    /// Zero where sections cannot be used: then the attempt fails at once.
    @usableFromInline let sectionCount: UInt32
    private let count: Int
    private let bytes: Int

    @inlinable static var stride: Int { 128 }

    /// Makes a counter that is zero. Costs 128 bytes of address space for each CPU id up to the highest.
    public init(topology: Topology = .system) {
        self.init(topology: topology, capabilities: .system)
    }

    package init(topology: Topology, capabilities: Capabilities) {
        #if os(Linux) && !QPW_PORTABLE
        count = topology.slotCount
        sectionCount = capabilities.rseq == .available ? UInt32(count) : 0
        #else
        count = System.virtualCPUCount
        sectionCount = 0
        #endif
        bytes = count * Self.stride
        let mapped = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { trap("no memory for a counter of \(count) CPUs") }
        base = mapped
    }

    deinit {
        munmap(base, bytes)
    }

    /// Adds `amount` at the CPU that the thread runs on.
    ///
    /// One restartable add, some 2 cycles, or one atomic add. Never fails and never waits.
    @inlinable @inline(__always)
    public func add(_ amount: Int = 1) {
        #if os(Linux) && !QPW_PORTABLE
        if _fastPath(qpw_rseq_add(base, UInt64(Self.stride), sectionCount, Int64(amount))) { return }
        #endif
        addSlow(amount)
    }

    @usableFromInline @inline(never)
    func addSlow(_ amount: Int) {
        #if os(Linux) && !QPW_PORTABLE
        for _ in 0..<16 where qpw_rseq_add(base, UInt64(Self.stride), sectionCount, Int64(amount)) { return }
        #endif
        words(of: min(System.currentCPU(), count - 1)).shared.pointee.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of all that was added before this call, and some of what is being added.
    ///
    /// Two loads for each CPU id up to the highest; disturbs nobody.
    public var value: Int {
        var sum = 0
        for cpu in 0..<count {
            let (local, shared) = words(of: cpu)
            sum &+= local.pointee.load(ordering: .relaxed) &+ shared.pointee.load(ordering: .relaxed)
        }
        return sum
    }

    private func words(
        of cpu: Int
    ) -> (local: UnsafeMutablePointer<Atomic<Int>>, shared: UnsafeMutablePointer<Atomic<Int>>) {
        let local = (base + cpu * Self.stride).assumingMemoryBound(to: Atomic<Int>.self)
        return (local, local + 8)
    }
}
