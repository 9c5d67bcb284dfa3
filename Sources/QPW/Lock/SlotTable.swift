import CQPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The slots of one structure and everything about them that does not change: the slow side of every lock.
///
/// The slab is mapped, not allocated: a slot is found at `base + stride * cpu` even where CPU ids are sparse. Memory goes
/// by the highest id: an id between that is no CPU's has a header, too, by which a thread that runs there all the same,
/// because the topology is not this machine's, finds out. Of a large value behind such a header nothing is touched.
@usableFromInline
package final class SlotTable: @unchecked Sendable {
    /// What messages call the structure.
    package let name: String
    /// What lock checking calls it.
    package let identity: UInt32
    package let inForce: PolicyInForce
    /// The process that made the structure: see ``ForkGuard``.
    private let birth = ForkGuard.shared.currentGeneration()
    package let topology: Topology
    /// The possible CPUs, ascending.
    package let cpus: [CPU]
    @usableFromInline package let count: Int
    package let stride: Int
    @usableFromInline package let base: UnsafeMutableRawPointer

    private let mappedBytes: Int
    private static let nextIdentity = Atomic<UInt32>(1)
    let isolation: IsolationWatch?

    package init(
        name: String, policy: QPWPolicy?, topology: Topology, stride: Int, capabilities: Capabilities
    ) {
        self.name = name
        self.topology = topology
        self.stride = stride
        identity = Self.nextIdentity.wrappingAdd(1, ordering: .relaxed).oldValue
        inForce = PolicyInForce(askedFor: policy, capabilities: capabilities)
        #if QPW
        isolation = inForce.policy == .automatic ? IsolationWatch() : nil
        #else
        isolation = nil
        #endif
        #if os(Linux) && !QPW_PORTABLE
        cpus = Array(topology.possible)
        count = topology.slotCount
        #else
        cpus = (0..<max(System.virtualCPUCount, topology.slotCount)).map { CPU($0) }
        count = cpus.count
        #endif
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        mappedBytes = (count * stride + page - 1) / page * page
        let slab = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let slab, slab != MAP_FAILED else {
            trap("no memory for '\(name)': \(mappedBytes) bytes for \(count) CPUs could not be mapped")
        }
        base = slab
        prepareHeaders()
        #if DEBUG
        LockCheck.learnName(of: self)
        #endif
    }

    deinit {
        for cpu in cpus { dropAbandonedWork(slot(of: cpu)) }
        munmap(base, mappedBytes)
        #if DEBUG
        LockCheck.forget(self)
        #endif
    }

    private func prepareHeaders() {
        for id in 0..<count { slot(at: id).owner.pointee.store(Owner.absent, ordering: .relaxed) }
        let quiet = isolation == nil ? CPUSet() : topology.quiet
        for cpu in cpus {
            let slot = slot(of: cpu)
            slot.setCPU(cpu)
            slot.owner.pointee.store(Owner.free, ordering: .relaxed)
            if inForce.local == .priorityInheriting {
                slot.pending.pointee.store(Pending.always, ordering: .relaxed)
            }
            if quiet.contains(cpu) {
                slot.claim.pointee.store(Claim.permanent | Claim.fenced, ordering: .relaxed)
            }
        }
    }

    /// The CPUs to drain, without taking a lock: one load for each, and little else, because there may be thousands.
    func cpus(whoseMarksSatisfy predicate: (Dirty) -> Bool) -> [CPU] {
        let (base, stride) = (base, stride)
        return cpus.filter { predicate(Slot(base + $0.id * stride).marks) }
    }

    /// Traps in a forked child that would wait for its parent's threads.
    func assertUsable() { ForkGuard.shared.assertUsable(name, since: birth) }

    package func slot(of cpu: CPU) -> Slot { slot(at: cpu.id) }

    private func slot(at id: Int) -> Slot { Slot(base + id * stride) }

    /// The slot of a CPU that a caller named; traps where the structure has none.
    package func checkedSlot(of cpu: CPU, for operation: StaticString) -> Slot {
        guard cpu.id < count else { trapOnAbsent(cpu, operation) }
        let slot = slot(of: cpu)
        if slot.owner.pointee.load(ordering: .relaxed) == Owner.absent { trapOnAbsent(cpu, operation) }
        return slot
    }

    func trapOnAbsent(_ cpu: CPU, _ operation: StaticString) -> Never {
        trap(
            "\(operation) on \(cpu) of '\(name)', which has no slot for it: its topology's possible CPUs are "
                + "\(topology.possible). Take CPUs from that topology.")
    }
}
