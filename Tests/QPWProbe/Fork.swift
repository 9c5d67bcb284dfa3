import CQPWTestSupport
import QPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the child uses: made before the fork. A C function takes no captures.
nonisolated(unsafe) private var orphan: Orphan?

private final class Orphan: Sendable {
    let slots: PerCPU<Int>
    let counter = PerCPUCounter()
    let last: CPU

    init(_ policy: QPWPolicy) {
        slots = PerCPU("orphan", policy: policy) { _ in 0 }
        last = System.isPortable ? slots.cpus.last! : Topology.system.allowed.last!
    }

    func use() {
        slots.withLocal { value, _ in value += 1 }
        for cpu in slots.cpus { slots.perform(on: cpu) { value in value += 1 } }
        slots.drain(where: { _ in true }) { value, _ in value += 1 }
        counter.add()
    }

    var sum: Int { slots.reduce(into: 0) { sum, value, _ in sum += value } }
}

/// Forks in the way that is asked for; ends as the child did, 128 and its signal included.
func forkAndReport(_ way: String, _ policy: QPWPolicy) {
    let it = Orphan(policy)
    orphan = it
    _ = System.pinThread(to: Topology.system.allowed.first!)
    it.use()
    let used = it.sum
    var status: Int32
    switch way {
    case "prepared":
        QPWProcess.prepareForFork()
        status = qpwt_run_in_child({ _ in orphan!.useInChild() }, nil, 20)
        // The parent goes on as well, with new workers.
        it.use()
        precondition(it.sum == 2 * used)
    case "worker":
        status = qpwt_run_in_child({ _ in orphan!.askWorker() }, nil, 20)
    default:
        let holder = Holder(it)
        status = qpwt_run_in_child(
            way == "held" ? { _ in orphan!.wait() } : { _ in orphan!.waitFromElsewhere() }, nil, 20)
        holder.leave()
    }
    exit(status)
}

extension Orphan {
    fileprivate func useInChild() -> Int32 {
        let before = sum
        use()
        return sum == 2 * before && counter.value == 2 ? 0 : 1
    }

    fileprivate func askWorker() -> Int32 {
        slots.perform(on: last) { _ in }
        return 0
    }

    /// As the owner of what a thread holds that this process does not have.
    fileprivate func wait() -> Int32 {
        _ = System.pinThread(to: last)
        slots.withLocal { _, _ in }
        // On the portable backend this thread may own another slot.
        for cpu in slots.cpus { slots.perform(on: cpu) { _ in } }
        return 0
    }

    fileprivate func waitFromElsewhere() -> Int32 {
        for cpu in slots.cpus { slots.perform(on: cpu) { _ in } }
        return 0
    }
}

/// Another thread that holds the slot of the last CPU.
private final class Holder: Sendable {
    private let isHeld = Atomic<Bool>(false)
    private let mayLeave = Atomic<Bool>(false)
    private let hasLeft = Atomic<Bool>(false)

    init(_ it: Orphan) {
        let thread = startThread { [self] in
            _ = System.pinThread(to: it.last)
            it.slots.withLocal { _, _ in
                isHeld.store(true, ordering: .releasing)
                while !mayLeave.load(ordering: .acquiring) { System.sleep(nanoseconds: 100_000) }
            }
            hasLeft.store(true, ordering: .releasing)
        }
        precondition(thread != nil)
        while !isHeld.load(ordering: .acquiring) { System.sleep(nanoseconds: 100_000) }
    }

    func leave() {
        mayLeave.store(true, ordering: .releasing)
        while !hasLeft.load(ordering: .acquiring) { System.sleep(nanoseconds: 100_000) }
    }
}
