/// Readers that cost a few cycles, and writers who wait until no reader can still see what they took away.
///
/// A writer makes something unreachable, waits for a *grace period*, and reuses it: every ``read(_:)`` that
/// could have seen it has ended by then. Readers wait for nobody, and no two CPUs' readers write to the
/// same memory.
///
/// ```swift
/// let domain = RCUDomain("config")
/// let limit = domain.read { current.load(ordering: .acquiring).pointee.limit }
///
/// let old = current.exchange(new, ordering: .acquiringAndReleasing)
/// domain.call { old.deallocate() }                 // or: domain.synchronize(); old.deallocate()
/// ```
///
/// A read section may begin on one CPU and end on another, nest, and be entered from any thread or task
/// without registration; it ends on the thread on which it began. It may sleep, though every writer of the
/// domain then waits. Domains don't wait for each other's readers.
///
/// Readers on a CPU that must not be disturbed (``Topology/quiet``) pay an atomic instruction at either end;
/// in return no grace period sends an interrupt there. Elsewhere readers use no atomic instruction and grace
/// periods use membarrier. A CPU that becomes quiet is interrupted a last time, by the first grace period
/// that notices: isolation is looked at once a second.
///
/// Thread-safe. No function here may be called from a signal handler. Kernel counterpart:
/// `struct srcu_struct` (kernel/rcu/srcutree.c), its fast variant.
public final class RCUDomain: Sendable, CustomStringConvertible {
    /// The domain for whoever needs none of his own; it lives as long as the process.
    public static let shared = RCUDomain("shared")

    @usableFromInline let counters: ReadCounters
    let engine: RCUEngine
    private let system: Capabilities

    /// Makes a domain without readers.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - bound: how many callbacks may be pending before ``callOrHelp(_:)`` helps; at least 1.
    ///   - topology: which CPUs there are, and which must not be disturbed.
    ///
    /// Costs 128 bytes of address space for each CPU id up to the highest, and no thread. Kernel counterpart:
    /// `init_srcu_struct`.
    public convenience init(_ name: String = "RCU", bound: Int = 16_384, topology: Topology = .system) {
        self.init(name, bound: bound, topology: topology, capabilities: .system)
    }

    init(
        _ name: String, bound: Int = 16_384, topology: Topology = .system, capabilities: Capabilities,
        fence: ReaderFence = .system, submit: (@Sendable (WorkItem, Int64) -> Void)? = nil
    ) {
        precondition(bound >= 1, "at least one callback must be allowed to be pending")
        system = capabilities
        engine = RCUEngine(
            name, bound: bound, topology: topology, capabilities: capabilities, fence: fence, submit: submit)
        counters = engine.counters
    }

    /// Waits for the callbacks that were queued.
    ///
    /// Except where the last reference is dropped in a callback: then they run all the same, a little later.
    /// Must not happen while holding a slot. Kernel counterpart: `srcu_barrier`, then `cleanup_srcu_struct`.
    deinit {
        guard !RCUEngine.isInCallback, engine.pending > 0 else { return }
        LockCheck.mayBlock("the end of an RCU domain", engine.name)
        engine.barrier()
    }

    /// What messages call the domain.
    public var name: String { engine.name }

    /// Callbacks that were queued and have not been run: about, while others queue. A load for each CPU.
    public var pendingCallbacks: Int { engine.pending }

    /// How many grace periods are over; those who wait at the same time share one. One load.
    public var gracePeriods: UInt64 { engine.gracePeriods.count }

    /// Read sections that have begun so far, by anybody: readers count them anyway. Four loads for each CPU.
    package var sectionsBegun: UInt64 { counters.begun }

    /// For example "RCU domain 'shared': readers use restartable sequences".
    public var description: String {
        let missing = system.rseq.reason ?? system.membarrier.reason
        return "RCU domain '\(name)': readers use "
            + (missing.map { "atomic operations, since \($0)" } ?? "restartable sequences")
    }
}

// MARK: - Reading

extension RCUDomain {
    /// Runs `body` in a read section: what it reaches is not reclaimed before it ends.
    ///
    /// Nests. Never waits. Errors of the body pass through. The body must not wait for a grace period of the
    /// same domain, which debug builds trap. Some 5 cycles more than the body, or two atomic additions where
    /// sections cannot be used
    /// (see ``description``) or the CPU must not be disturbed. Kernel counterpart: `srcu_read_lock_fast`,
    /// `srcu_read_unlock_fast` (include/linux/srcu.h).
    @inlinable @inline(__always)
    public func read<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        let index = enter()
        defer { leave(index) }
        return try body()
    }

    /// A read section that has begun.
    ///
    /// To be given to ``readUnlock(_:)`` of the same domain, on the same thread.
    public struct ReadToken: ~Copyable {
        @usableFromInline let index: Int

        @inlinable
        init(index: Int) {
            self.index = index
        }
    }

    /// Begins a read section for code that cannot use ``read(_:)``.
    ///
    /// A token that is dropped leaves the section open: every grace period then waits for ever. Kernel
    /// counterpart: `srcu_read_lock` (include/linux/srcu.h).
    @available(*, noasync) @inlinable @inline(__always)
    public func readLock() -> ReadToken {
        ReadToken(index: enter())
    }

    /// Ends the read section that `token` stands for.
    ///
    /// Kernel counterpart: `srcu_read_unlock` (include/linux/srcu.h).
    @available(*, noasync) @inlinable @inline(__always)
    public func readUnlock(_ token: consuming ReadToken) {
        leave(token.index)
    }

    /// Traps in debug builds unless the thread is in a read section of this domain.
    ///
    /// Kernel counterpart: `srcu_read_lock_held` (include/linux/srcu.h).
    public func assertReading() {
        engine.assertReading()
    }

    @inlinable @inline(__always)
    func enter() -> Int {
        #if DEBUG
        noteEnter()
        #endif
        return counters.enter()
    }

    @inlinable @inline(__always)
    func leave(_ index: Int) {
        counters.leave(index)
        #if DEBUG
        noteLeave()
        #endif
    }

    #if DEBUG
    @usableFromInline @inline(never)
    func noteEnter() { engine.noteEnter() }

    @usableFromInline @inline(never)
    func noteLeave() { engine.noteLeave() }
    #endif
}
