import QPW
import Synchronization

// isOver, isStill | who drives the run | relaxed: they order nothing
// season          | the same           | release; read with acquire, and the mask under the mutex

/// What the threads of a run have in common: when they stand still, and where they may be.
final class Weather: Sendable {
    private let over = Atomic<Bool>(false)
    private let still = Atomic<Bool>(false)
    private let season = Atomic<Int>(0)
    private let allowed: Guarded<CPUSet>

    init(_ cpus: [CPU]) { allowed = Guarded(CPUSet(cpus)) }

    var isOver: Bool { over.load(ordering: .relaxed) }

    func end() { over.store(true, ordering: .relaxed) }

    /// Has all threads stand still, to start again at the same time.
    func pause() { still.store(true, ordering: .relaxed) }

    func resume() { still.store(false, ordering: .relaxed) }

    /// Lets threads run on some CPUs only.
    func restrict(to cpus: CPUSet) {
        allowed.withLock { $0 = cpus }
        season.wrappingAdd(1, ordering: .releasing)
    }

    /// Between two steps of a thread, which has seen the seasons up to `seen`.
    func endure(_ place: TortureRole.Place, _ seen: inout Int) {
        while still.load(ordering: .relaxed) && !isOver { System.sleep(nanoseconds: 500_000) }
        let now = season.load(ordering: .acquiring)
        guard now != seen else { return }
        seen = now
        if case .roaming = place { System.setAffinity(allowed.withLock { $0 }) }
    }
}
