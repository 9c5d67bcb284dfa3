import QPW
import Synchronization

/// Passes the turns between the housekeeper, who calls them, and the owner.
///
/// Both sleep and look: neither may depend on the other being scheduled while it measures.
final class Baton: Sendable {
    private struct State {
        var turn: Turn?
        var finished = -1
        var ownerCPU: CPU?
        var isOver = false
    }

    private let state = Mutex(State())
    private let stopped = Atomic<Bool>(false)

    private static let interval: Int64 = 100_000

    /// Whether the run is to end early.
    @inline(__always)
    var isStopped: Bool { stopped.load(ordering: .relaxed) }

    func stop() { stopped.store(true, ordering: .relaxed) }

    // MARK: The housekeeper's side

    func announce(_ turn: Turn) { state.withLock { $0.turn = turn } }

    func awaitOwner(finishing number: Int) {
        waitUntil { $0.finished >= number }
    }

    /// The CPU whose slot the owner uses: on a system without CPU numbers only its thread can tell.
    func awaitOwnerCPU() -> CPU {
        waitUntil { $0.ownerCPU != nil }
        return state.withLock { $0.ownerCPU } ?? 0
    }

    func endRun() { state.withLock { $0.isOver = true } }

    // MARK: The owner's side

    func ownerIsReady(on cpu: CPU) { state.withLock { $0.ownerCPU = cpu } }

    func finish(_ number: Int) { state.withLock { $0.finished = number } }

    /// Nil when there are no more.
    func awaitTurn(after number: Int) -> Turn? {
        waitUntil { $0.isOver || ($0.turn?.number ?? -1) > number }
        return state.withLock { $0.isOver ? nil : $0.turn }
    }

    private func waitUntil(_ condition: (borrowing State) -> Bool) {
        while !state.withLock({ condition($0) }) { System.sleep(nanoseconds: Self.interval) }
    }
}
