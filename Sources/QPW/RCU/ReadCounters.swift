public import Synchronization

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

// The words that readers touch: 128 bytes for each CPU, behind 128 bytes for the domain. Everything about
// callbacks and all that is atomic lies in a line's second half, so that who gathers callbacks does not take
// a reader's line away.
//
// field          | offset  | who writes                            | memory order
// ---------------|---------|---------------------------------------|----------------------------------------
// index          | -128    | who moves grace periods on            | store seq-cst; readers load relaxed
// entered.local  |  0 + 8i | readers on the CPU, each in a section | plain add, the commit; read acquire
// left.local     | 16 + 8i | the same                              | the same, and a release: see (R2)
// mode           | 32      | a reader, from unused to plain, by    | seq-cst; loaded in the section, acquire;
//                |         | CAS; who moves grace periods on       | else relaxed where nothing rests on it
// entered.shared | 64 + 8i | readers anywhere                      | seq-cst read-modify-write; read acquire
// left.shared    | 80 + 8i | readers anywhere                      | the same
// callbacks      | 96      | who queues (push), who gathers (take) | seq-cst: see Housekeeping.swift
// queued         | 104     | who queues                            | relaxed read-modify-write
//
// A reader loads `index`, adds to `entered[index]` on its CPU, reads, and adds to `left[index]` on the CPU
// that it is on by then. GracePeriods.swift says why that suffices; what it uses of this file is:
//
//  (R1) No add is lost. `local` is only added to by sections: the add is one instruction, or its store is the
//       commit, and nobody else ran on the CPU since the section began. `shared` is only added to by atomic
//       operations. Sums run over every id below `count`, possible or not, and a thread on a CPU beyond them
//       counts as one on the last.
//  (R2) An add to `left` is seen, by an acquiring load, with all that the section did before it: the add is a
//       store that nothing before it can be delayed beyond (x86: any store; elsewhere store-release; atomic:
//       release). Adds of several threads to one word are all seen with the last: the threads' switches, or
//       the atomic operations, order them.
//  (R3) An add to `entered.shared` is a full barrier: what the section reads is read after it.
//  (R4) An add to `entered.local` is made on a CPU whose mode is plain at that moment: mode and add are one
//       section.
//
// `mode` is also looked at relaxed, where a stale answer does no harm. A reader who takes his CPU for quiet adds
// atomically, which is right under every mode; one who takes it for another attempts a section, which looks
// itself (R4), and a change from `unused`, which fails if it is something else. Who helps with callbacks on a
// CPU that has just become quiet, or does not on one that no longer is, runs or leaves a few callbacks more.
// Who follows isolation reads what he or his predecessor wrote, since `isMoving` hands that over: only movers
// make a CPU quiet or end that, and unused and plain are alike to him. The first value is stored before anybody
// has the domain.
@usableFromInline
struct ReadCounters: @unchecked Sendable {
    /// The line of CPU 0; the domain's own lies before it.
    @usableFromInline let lines: UnsafeMutableRawPointer
    /// Zero where sections cannot be used: then the attempt fails at once.
    @usableFromInline let sectionCount: UInt32
    let count: Int

    @inlinable static var stride: Int { 128 }
    @inlinable static var entered: Int { 0 }
    @inlinable static var left: Int { 16 }

    /// How readers on a CPU count.
    enum Mode {
        /// Atomically; no reader has been seen here yet. Zero, as fresh memory is.
        static let unused: UInt32 = 0
        /// In sections: grace periods must fence this CPU.
        static let plain: UInt32 = 1
        /// Atomically: the CPU must not be disturbed.
        static let quiet: UInt32 = 2
    }

    init(topology: Topology, capabilities: Capabilities) {
        #if os(Linux) && !QPW_PORTABLE
        count = topology.slotCount
        sectionCount =
            capabilities.rseq == .available && capabilities.membarrier == .available ? UInt32(count) : 0
        #else
        count = System.virtualCPUCount
        sectionCount = 0
        #endif
        let mapped = mmap(
            nil, (count + 1) * Self.stride, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { trap("no memory for an RCU domain of \(count) CPUs") }
        lines = mapped + Self.stride
        for cpu in topology.quiet where cpu.id < count {
            mode(of: cpu.id).pointee.store(Mode.quiet, ordering: .relaxed)
        }
    }

    func unmap() {
        munmap(lines - Self.stride, (count + 1) * Self.stride)
    }
}

// MARK: - Readers

extension ReadCounters {
    @inlinable
    var index: UnsafeMutablePointer<Atomic<Int>> {
        (lines - Self.stride).assumingMemoryBound(to: Atomic<Int>.self)
    }

    /// Begins a section; what it returns is what ``leave(_:)`` needs.
    @inlinable @inline(__always)
    func enter() -> Int {
        let index = index.pointee.load(ordering: .relaxed)
        inject(.enter)
        add(at: Self.entered &+ index &* 8)
        return index
    }

    @inlinable @inline(__always)
    func leave(_ index: Int) {
        add(at: Self.left &+ index &* 8)
    }

    @inlinable @inline(__always)
    func add(at offset: Int) {
        #if os(Linux) && !QPW_PORTABLE
        if _fastPath(qpw_rseq_count(lines, UInt64(Self.stride), sectionCount, UInt64(offset))) { return }
        #endif
        addSlow(at: offset)
    }

    @usableFromInline @inline(never)
    func addSlow(at offset: Int) {
        #if os(Linux) && !QPW_PORTABLE
        if sectionCount > 0 && !isQuietHere && addInSection(at: offset) { return }
        #endif
        word(of: currentCPU, at: offset + 64).pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        #if !arch(x86_64)
        // Elsewhere a sequentially consistent addition lets later loads of other words overtake it.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        #endif
    }

    #if os(Linux) && !QPW_PORTABLE
    private static var attempts: Int { 16 }

    /// A reader that is the first on its CPU announces it: from the next grace period on that CPU is fenced.
    private func addInSection(at offset: Int) -> Bool {
        guard qpw_rseq_registered() else { return false }
        for _ in 0..<Self.attempts {
            let mode = mode(of: currentCPU)
            _ = mode.pointee.compareExchange(
                expected: Mode.unused, desired: Mode.plain, ordering: .sequentiallyConsistent)
            if qpw_rseq_count(lines, UInt64(Self.stride), sectionCount, UInt64(offset)) { return true }
        }
        return false
    }
    #endif
}

// MARK: - Grace periods

extension ReadCounters {
    /// Whether every reader that entered under `index` before the call, as far as the caller can see, has
    /// left.
    ///
    /// The departures are summed first: see GracePeriods.swift, (G2).
    func isDrained(_ index: Int) -> Bool {
        let departures = sum(at: Self.left + index * 8)
        inject(.sum)
        return departures == sum(at: Self.entered + index * 8)
    }

    /// Read sections that have begun so far.
    var begun: UInt64 { sum(at: Self.entered) &+ sum(at: Self.entered + 8) }

    private func sum(at offset: Int) -> UInt64 {
        (0..<count).reduce(0) { sum, cpu in
            sum &+ word(of: cpu, at: offset).pointee.load(ordering: .acquiring)
                &+ word(of: cpu, at: offset + 64).pointee.load(ordering: .acquiring)
        }
    }

    func mode(of cpu: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        (lines + cpu * Self.stride + 32).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// Whether the thread is on a CPU that must not be disturbed.
    var isQuietHere: Bool { mode(of: currentCPU).pointee.load(ordering: .relaxed) == Mode.quiet }
}

// MARK: - Words

extension ReadCounters {
    var currentCPU: Int { min(System.currentCPU(), count - 1) }

    private func word(of cpu: Int, at offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (lines + cpu * Self.stride + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// The callbacks that were queued on a CPU and not gathered yet: the address of the last.
    func callbacks(of cpu: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        (lines + cpu * Self.stride + 96).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    /// How many were ever queued on a CPU.
    func queued(of cpu: Int) -> UnsafeMutablePointer<Atomic<Int>> {
        (lines + cpu * Self.stride + 104).assumingMemoryBound(to: Atomic<Int>.self)
    }
}
