import QPW
import QPWTestSupport
import Synchronization

@testable import QPWPages

/// An owner who adds folios on one CPU, somebody on another who drains and then looks whether they are on the lists, and
/// others who drain, all the time or now and then.
final class DrainTrial: Sendable {
    enum Pace {
        /// One at a time, so that a batch is seldom full, which would move it.
        case single
        /// As fast as he can, so that most are pushed, and many after a full batch.
        case many
    }

    private let lists: Lists
    private let pace: Pace
    private let drain: @Sendable (PageLRU) -> Void
    private let limit: TimeLimit
    /// On a busy machine the first check may take its time.
    private let lastLimit = TimeLimit(milliseconds: 60_000)
    /// The address of a folio that was added; zero once it was taken.
    private let added = Atomic<UInt>(0)
    private let checks = Atomic<Int>(0)
    private let missing = Atomic<Int>(0)

    init(
        _ policy: QPWPolicy, _ pace: Pace = .single, for milliseconds: Int64,
        _ drain: @escaping @Sendable (PageLRU) -> Void
    ) {
        lists = Lists(policy)
        self.pace = pace
        limit = TimeLimit(milliseconds: milliseconds)
        self.drain = drain
    }

    var checkCount: Int { checks.load(ordering: .relaxed) }
    var missingCount: Int { missing.load(ordering: .relaxed) }

    func run(checks: Int = .max, untilMissing: Int = .max) {
        let crew = Crew()
        let isOver: @Sendable () -> Bool = { [self] in
            crew.isEnding || (limit.isOver && (checkCount > 0 || lastLimit.isOver)) || checkCount >= checks
                || missingCount >= untilMissing
        }
        crew.start(on: Machine.last) { [self] _ in
            while !isOver() { add() }
        }
        for _ in 0..<3 {
            crew.start(on: Machine.first) { [self] _ in
                while !isOver() {
                    drain(lists.lru)
                    if pace == .many { System.sleep(nanoseconds: 200_000) }
                }
            }
        }
        crew.start(on: Machine.first) { [self] _ in
            while !isOver() { check() }
        }
        crew.join()
        disposeOfAdded(replacingBy: 0)
    }

    private func add() {
        switch pace {
        case .single:
            guard added.load(ordering: .relaxed) == 0 else { return System.sleep(nanoseconds: 1000) }
            let folio = lists.addFolio()
            added.store(UInt(bitPattern: folio.address), ordering: .releasing)
        case .many:
            disposeOfAdded(replacingBy: UInt(bitPattern: lists.addFolio().address))
        }
    }

    private func disposeOfAdded(replacingBy next: UInt) {
        let before = added.exchange(next, ordering: .acquiringAndReleasing)
        if let address = UnsafeMutableRawPointer(bitPattern: before) { lists.dispose([Folio(at: address)]) }
    }

    private func check() {
        let address = added.exchange(0, ordering: .acquiring)
        guard let address = UnsafeMutableRawPointer(bitPattern: address) else {
            return System.sleep(nanoseconds: 1000)
        }
        let folio = Folio(at: address)
        drain(lists.lru)
        let isListed = lists.lru.nodes[0].withLock { _ in folio.state.contains(.onList) }
        if !isListed { missing.wrappingAdd(1, ordering: .relaxed) }
        checks.wrappingAdd(1, ordering: .relaxed)
        lists.dispose([folio])
    }
}
