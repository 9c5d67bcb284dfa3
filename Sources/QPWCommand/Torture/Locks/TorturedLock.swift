import QPW

/// What a lock, sound or broken, is driven by.
protocol TorturedLock: Sendable {
    var inForce: PolicyInForce { get }
    /// The CPUs that a housekeeper may name.
    var cpus: [CPU] { get }

    /// Enters something into the books of the calling thread's CPU, waiting for them.
    func own(_ bookkeeper: Bookkeeper)

    /// The same with signals blocked.
    func ownMasked(_ bookkeeper: Bookkeeper)

    /// The same, or false at once. May be called by a signal handler.
    func tryOwn(_ bookkeeper: Bookkeeper) -> Bool

    /// Into the books of `cpu`.
    func remote(_ cpu: CPU, _ bookkeeper: Bookkeeper)

    /// The same, or false after the time-out.
    func remote(_ cpu: CPU, within timeout: Duration, _ bookkeeper: Bookkeeper) -> Bool

    /// All that was entered; called when nobody else is about.
    func booked() -> Int
}

extension TorturedLock {
    func ownMasked(_ bookkeeper: Bookkeeper) { own(bookkeeper) }

    func remote(_ cpu: CPU, within timeout: Duration, _ bookkeeper: Bookkeeper) -> Bool {
        remote(cpu, bookkeeper)
        return true
    }
}

/// `PerCPU` under some policy.
final class TorturedPerCPU: TorturedLock {
    private let slots: PerCPU<LedgerEntries>

    init(_ policy: QPWPolicy) {
        slots = PerCPU("tortured", policy: policy) { _ in LedgerEntries() }
    }

    var inForce: PolicyInForce { slots.inForce }
    var cpus: [CPU] { slots.cpus }

    func own(_ bookkeeper: Bookkeeper) {
        slots.withLocal { entries, cpu in Self.enter(&entries, cpu, bookkeeper) }
    }

    func ownMasked(_ bookkeeper: Bookkeeper) {
        slots.withLocalMaskingSignals { entries, cpu in Self.enter(&entries, cpu, bookkeeper) }
    }

    func tryOwn(_ bookkeeper: Bookkeeper) -> Bool {
        let entered: Void? = slots.tryWithLocal { entries, cpu in Self.enter(&entries, cpu, bookkeeper) }
        return entered != nil
    }

    func remote(_ cpu: CPU, _ bookkeeper: Bookkeeper) {
        slots.perform(on: cpu) { entries in Self.enter(&entries, cpu, bookkeeper) }
    }

    func remote(_ cpu: CPU, within timeout: Duration, _ bookkeeper: Bookkeeper) -> Bool {
        var ran = false
        do throws(QPWTimeout) {
            try slots.perform(on: cpu, timeout: timeout) { entries in
                Self.enter(&entries, cpu, bookkeeper)
                ran = true
            }
            return true
        } catch {
            if ran { bookkeeper.findings.note(.lateRun, by: bookkeeper.actor?.number, on: cpu) }
            return false
        }
    }

    func booked() -> Int { slots.reduce(into: 0) { sum, entries, _ in sum += entries.first } }

    private static func enter(_ entries: inout LedgerEntries, _ cpu: CPU, _ bookkeeper: Bookkeeper) {
        withUnsafeMutablePointer(to: &entries) { bookkeeper.enter(Ledger(entries: $0, cpu: cpu)) }
    }
}

/// `QPWLock` under some policy; who comes from elsewhere queues work where the policy wants that.
final class TorturedQPWLock: TorturedLock {
    private let lock: QPWLock
    private let slab: LedgerSlab

    init(_ policy: QPWPolicy) {
        lock = QPWLock("tortured lock", policy: policy)
        slab = LedgerSlab(PerCPU<Void>("probe", policy: policy) { _ in }.cpus)
    }

    var inForce: PolicyInForce { lock.inForce }
    var cpus: [CPU] { slab.cpus }

    func own(_ bookkeeper: Bookkeeper) {
        let cpu = lock.lockLocal()
        bookkeeper.enter(slab[cpu])
        lock.unlockLocal(cpu)
    }

    func ownMasked(_ bookkeeper: Bookkeeper) {
        let hold = lock.lockLocalMaskingSignals()
        bookkeeper.enter(slab[hold.cpu])
        lock.unlockLocal(hold)
    }

    func tryOwn(_ bookkeeper: Bookkeeper) -> Bool {
        guard let cpu = lock.tryLock() else { return false }
        bookkeeper.enter(slab[cpu])
        lock.unlockAfterTry(cpu)
        return true
    }

    func remote(_ cpu: CPU, _ bookkeeper: Bookkeeper) {
        if lock.inForce.remote == .queue { return queue(cpu, bookkeeper) }
        lock.lock(cpu)
        bookkeeper.enter(slab[cpu])
        lock.unlock(cpu)
    }

    func remote(_ cpu: CPU, within timeout: Duration, _ bookkeeper: Bookkeeper) -> Bool {
        if lock.inForce.remote == .queue {
            queue(cpu, bookkeeper)
            return true
        }
        do throws(QPWTimeout) {
            try lock.lock(cpu, timeout: timeout)
        } catch {
            return false
        }
        bookkeeper.enter(slab[cpu])
        lock.unlock(cpu)
        return true
    }

    private func queue(_ cpu: CPU, _ bookkeeper: Bookkeeper) {
        let work = PerCPUWork(lock, cpu: cpu) { [lock, slab] cpu in
            lock.lock(cpu)
            bookkeeper.enter(slab[cpu])
            lock.unlock(cpu)
        }
        work.queue(on: cpu)
        work.flush()
    }

    func booked() -> Int { slab.booked() }
}
