@testable import QPW

/// `PerCPU` under some policy.
final class PerCPUExclusion: Exclusion {
    private let slots: PerCPU<Entries>

    init(_ policy: QPWPolicy, topology: Topology = .system, capabilities: Capabilities = .system) {
        slots = PerCPU("books", policy: policy, topology: topology, capabilities: capabilities) { _ in
            Entries()
        }
    }

    var cpus: [CPU] { slots.cpus }

    var table: SlotTable { slots.table }

    func own(_ body: (Ledger) -> Void) {
        slots.withLocal { entries, _ in withUnsafeMutablePointer(to: &entries) { body(Ledger(entries: $0)) } }
    }

    func tryOwn(_ body: (Ledger) -> Void) -> Bool {
        let entered: Void? = slots.tryWithLocal { entries, _ in
            withUnsafeMutablePointer(to: &entries) { body(Ledger(entries: $0)) }
        }
        return entered != nil
    }

    func remote(_ cpu: CPU, _ body: @escaping @Sendable (Ledger) -> Void) {
        slots.perform(on: cpu) { entries in
            withUnsafeMutablePointer(to: &entries) { body(Ledger(entries: $0)) }
        }
    }

    func booked() -> Int { slots.reduce(into: 0) { sum, entries, _ in sum += entries.first } }
}

/// `QPWLock` under some policy; who comes from elsewhere queues work where the policy wants that.
final class QPWLockExclusion: Exclusion {
    private let lock: QPWLock
    private let slab: Slab

    init(_ policy: QPWPolicy, capabilities: Capabilities = .system) {
        lock = QPWLock("books", policy: policy, topology: .system, capabilities: capabilities)
        slab = Slab(lock.table.cpus)
    }

    var cpus: [CPU] { slab.cpus }

    func own(_ body: (Ledger) -> Void) {
        let cpu = lock.lockLocal()
        body(slab.ledger(cpu))
        lock.unlockLocal(cpu)
    }

    func tryOwn(_ body: (Ledger) -> Void) -> Bool {
        guard let cpu = lock.tryLock() else { return false }
        body(slab.ledger(cpu))
        lock.unlockAfterTry(cpu)
        return true
    }

    func remote(_ cpu: CPU, _ body: @escaping @Sendable (Ledger) -> Void) {
        guard lock.inForce.remote == .queue else {
            lock.lock(cpu)
            body(slab.ledger(cpu))
            return lock.unlock(cpu)
        }
        let work = PerCPUWork(lock, cpu: cpu) { [lock, slab] cpu in
            lock.lock(cpu)
            body(slab.ledger(cpu))
            lock.unlock(cpu)
        }
        work.queue(on: cpu)
        work.flush()
    }

    func booked() -> Int { slab.booked() }
}
