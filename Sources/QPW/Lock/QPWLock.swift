import CQPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A lock for each CPU, for code that keeps its per-CPU data itself: the proposal's own surface.
///
/// Prefer ``PerCPU``, which cannot be misused. Here the caller pairs lock and unlock, on one thread, and does
/// not suspend in between; debug builds check that he does. Thread-safe; only ``tryLock()`` and
/// ``unlockAfterTry(_:)`` may be called from a signal handler.
///
/// Kernel counterpart: `qpw_lock_t`, later `pw_lock_t`, of the proposal (include/linux/pwlocks.h).
public final class QPWLock: Sendable {
    @usableFromInline let access: LocalAccess
    /// Under `deferred`: the work that waits for each CPU's owner to come to a safepoint.
    let deferredWork: DeferredLists?

    /// Makes a free lock for each possible CPU of `topology`; the policy is fixed for the lock's life.
    public convenience init(
        _ name: String = "QPWLock", policy: QPWPolicy? = nil, topology: Topology = .system
    ) {
        self.init(name, policy: policy, topology: topology, capabilities: .system)
    }

    package init(_ name: String, policy: QPWPolicy?, topology: Topology, capabilities: Capabilities) {
        access = LocalAccess(
            SlotTable(
                name: name, policy: policy, topology: topology, stride: QPWLock.stride,
                capabilities: capabilities))
        if case .deferred = access.table.inForce.remote {
            deferredWork = DeferredLists(count: access.table.count)
        } else {
            deferredWork = nil
        }
    }

    @inlinable static var stride: Int { Slot.stride(forValueOf: 0) }

    var table: SlotTable { access.table }

    /// What messages call the lock.
    public var name: String { table.name }

    /// The policy as this machine carries it out, and why.
    public var inForce: PolicyInForce { table.inForce }
}

// MARK: - This CPU's lock

extension QPWLock {
    /// Takes the lock of the CPU that the thread runs on, and tells which: the one to ``unlockLocal(_:)-(CPU)``.
    ///
    /// The thread may be moved to another CPU while it holds it. Kernel counterpart: `pw_lock_local`.
    @available(*, noasync) @inlinable @inline(__always)
    public func lockLocal() -> CPU {
        access.acquire(stride: QPWLock.stride).cpu
    }

    /// Takes the lock of the CPU that the thread runs on, or nil at once if it is held.
    ///
    /// Async-signal-safe in release builds. Kernel counterpart: `local_trylock`; `pw_trylock_local`.
    @available(*, noasync) @inlinable @inline(__always)
    public func tryLock() -> CPU? {
        access.tryAcquire(stride: QPWLock.stride)?.cpu
    }

    /// Leaves the lock of `cpu`, which this thread took by ``lockLocal()``.
    ///
    /// Kernel counterpart: `pw_unlock_local`.
    @available(*, noasync) @inlinable @inline(__always)
    public func unlockLocal(_ cpu: CPU) {
        access.release(slot(of: cpu))
    }

    /// Leaves the lock of `cpu`, which this thread took by ``tryLock()``. Async-signal-safe in release builds.
    @available(*, noasync) @inlinable @inline(__always)
    public func unlockAfterTry(_ cpu: CPU) {
        access.releaseLeavingWork(slot(of: cpu))
    }

    @inlinable
    func slot(of cpu: CPU) -> Slot {
        precondition(cpu.id < access.table.count, "QPW: there is no lock for that CPU")
        return Slot(access.base + cpu.id &* QPWLock.stride)
    }

    /// A lock that a thread took with its signals blocked, and those that it had blocked before: to be given back once.
    public struct MaskedHold: ~Copyable {
        /// The CPU whose lock is held.
        public let cpu: CPU
        fileprivate var signalsBefore: sigset_t
    }

    /// As ``lockLocal()``, with all signals of the thread blocked first.
    ///
    /// Two system calls with its unlock. Kernel counterpart: `pw_lock_local_irqsave`.
    @available(*, noasync)
    public func lockLocalMaskingSignals() -> MaskedHold {
        var all = sigset_t(), before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        return MaskedHold(cpu: lockLocal(), signalsBefore: before)
    }

    /// Leaves the lock and gives the thread, which must be the one that took it, its signals back.
    ///
    /// Kernel counterpart: `pw_unlock_local_irqrestore`.
    @available(*, noasync)
    public func unlockLocal(_ hold: consuming MaskedHold) {
        unlockLocal(hold.cpu)
        var before = hold.signalsBefore
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}

// MARK: - Any CPU's lock

extension QPWLock {
    /// Takes the lock of `cpu`, waiting for it.
    ///
    /// Under a policy whose remote work is queued, only work that runs on `cpu` may do that: debug builds trap elsewhere,
    /// release builds claim the slot. Kernel counterpart: `pw_lock(lock, cpu)`.
    @available(*, noasync)
    public func lock(_ cpu: CPU) {
        let slot = checkedSlot(of: cpu)
        _ = table.lock(slot)
    }

    /// Takes the lock of `cpu`, giving up after `timeout`.
    @available(*, noasync)
    public func lock(_ cpu: CPU, timeout: Duration) throws(QPWTimeout) {
        let slot = checkedSlot(of: cpu)
        guard table.lock(slot, until: MonotonicClock.deadline(after: timeout)) else {
            throw QPWTimeout(table, cpu, after: timeout)
        }
    }

    /// Takes the lock of `cpu` if it is free now. Kernel counterpart: `pw_trylock(lock, cpu)`.
    @available(*, noasync)
    public func tryLock(_ cpu: CPU) -> Bool {
        let slot = checkedSlot(of: cpu)
        guard table.tryAcquire(slot) else { return false }
        #if DEBUG
        table.didAcquire(slot)
        #endif
        return true
    }

    /// Leaves the lock of `cpu`, which this thread took by ``lock(_:)`` or ``tryLock(_:)``.
    ///
    /// Kernel counterpart: `pw_unlock(lock, cpu)`.
    @available(*, noasync)
    public func unlock(_ cpu: CPU) {
        table.unlock(table.checkedSlot(of: cpu, for: "unlock"))
    }

    /// Traps in debug builds unless this thread holds the lock of `cpu`.
    ///
    /// Kernel counterpart: `pw_lockdep_assert_held`.
    public func assertHeld(_ cpu: CPU) {
        table.assertHeld(cpu)
    }

    private func checkedSlot(of cpu: CPU) -> Slot {
        let slot = table.checkedSlot(of: cpu, for: "lock")
        #if DEBUG
        if inForce.remote == .queue && !WorkerIdentity.isServing(cpu) && cpu.isRemote {
            trap(
                "lock(\(cpu)) of '\(name)' on another CPU, under \(inForce.policy): there a CPU's data is touched on that "
                    + "CPU alone. Queue a PerCPUWork to it, or choose a policy whose remote work is inline.")
        }
        #endif
        return slot
    }
}
