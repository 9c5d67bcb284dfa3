import Synchronization

// Grace periods: when is everybody gone who may still see what was unpublished?
//
// field     | who writes                    | memory order
// ----------|-------------------------------|----------------------------------------------------------------
// isMoving  | who sets it, by CAS: the      | CAS acquire; store release
//           | mover; he clears it           |
// stage     | the mover                     | none: `isMoving` hands it over
// started   | the mover                     | read-modify-write seq-cst; loaded seq-cst behind a fence
// completed | the mover                     | store release; loaded acquire
// index     | the mover                     | store seq-cst: ReadCounters.swift
// mode      | the mover; a reader's CAS     | seq-cst: ReadCounters.swift
//           | from unused to plain          |
//
// A grace period is a state that everyone who waits for it moves on, as far as it can be moved without
// waiting, so there is no leader that could be preempted while others depend on it. It goes: (1) add one
// to `started`; (2) a full fence F, then a membarrier at each CPU whose mode is plain; (3) see the index that
// is not in use drained; (4) see the one in use drained; if it is not, flip `index` and go on trying; (5) set
// `completed` to `started`.
//
// Who has unpublished something (U) may reclaim it when the grace period numbered `next()` is complete.
// `next()` is a full fence, then `started` + 1. So U precedes (1) of that grace period: had its increment
// preceded the load, the load would have returned it. Let r be a reader's section, E its add to `entered`, L
// its add to `left`, X its reads.
//
// (G1) After (2), either E is visible to all loads of (3) and (4), or X sees U.
//   E atomic: E is a full barrier before X (R3), F one after U and before the loads of (3) and (4). If E
//     comes first, those loads see it; if F does, X sees U.
//   E plain, on CPU c, and (2) found c's mode plain: the membarrier is a full barrier on c, or there is one
//     in the switches to and from every thread of ours that ran there. If E comes before it on c, it is
//     visible to the caller of the membarrier afterwards. If E comes after it, so does X, which follows E in
//     the thread's own order (and a thread that is moved carries that order with it: a switch is a full
//     barrier). Where X is executed is of no matter.
//   E plain, on c, and (2) found c's mode not plain: it was read after F. Whatever made the mode plain came
//     after that read, thus after U, and E's section read what it wrote (acquire); so X sees U. Or the mode
//     was plain earlier, and E was made then: it came before the membarrier that followed the change from
//     plain, and has been visible since.
//   E's section was under way when the mode changed from plain: that membarrier restarted it, and it saw the
//     new mode.
// (G2) If the sums are equal, every section whose E is visible before the summing has ended, and its end is
//   visible. Departures are summed first, with acquire. Each L that was counted brings its own E with it (R2:
//   E precedes L), so E is counted in the sum of arrivals, which comes after. So arrivals minus departures is
//   the number of sections whose E was counted and whose L was not; if it is zero there is none. Neither sum
//   is a snapshot, and need not be.
// Hence every section that does not see U had E visible at (3), under one of the two indexes; that index was
// seen drained after (2), so L was seen, and with it X (R2): X is over before the memory is touched again.
//
// Safety does not rest on the flip: it lets (4) end though readers keep coming. Nor need (3) and (4) be of
// one moment.
//
// The interleavings that look bad, and why they are not:
//   r loads index 0 and is preempted; the index is flipped, and perhaps flipped again; r adds to entered[0].
//     Either E is visible at (3) or (4) of a grace period, which then waits for r, or X sees what was
//     unpublished before. (3) is there because such a reader is counted under the index that is not in use.
//     `drainsBothIndexes` leaves it waiting there.
//   r enters under 0 after the departures were summed and before the arrivals are, and another leaves: sums
//     that are equal by accident? No: by (G2) a difference is a number of sections, never an exchange of one
//     for another.
//   r adds on CPU 0, is moved to an isolated CPU, reads there, and leaves there by an atomic add: (G1) for
//     c = 0.
//   r runs on c with E still in its store buffer, reads what is about to be unpublished, and the sums miss
//     it: that is what (2) excludes, on every CPU where an E can be plain.
//
// Progress. Under the index not in use only readers count that loaded it before the last flip, at most one
// for each thread and nesting, so (3) ends when they do; after the flip the same is true of the other index,
// so (4) ends.
final class GracePeriods: @unchecked Sendable {
    private enum Stage {
        case resting
        case drainingUnused
        case drainingOld
    }

    private let counters: ReadCounters
    private let topology: Topology
    private let fence: ReaderFence
    private let isolation = IsolationWatch()
    private let started = Atomic<UInt64>(0)
    private let completed = Atomic<UInt64>(0)
    private let isMoving = Atomic<Bool>(false)
    private var stage = Stage.resting

    init(_ counters: ReadCounters, topology: Topology, fence: ReaderFence) {
        self.counters = counters
        self.topology = topology
        self.fence = fence
    }

    /// How many are over.
    var count: UInt64 { completed.load(ordering: .acquiring) }

    func isComplete(_ number: UInt64) -> Bool { count >= number }

    /// The number of the first grace period that certainly begins after what the caller did before.
    func next() -> UInt64 {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return started.load(ordering: .sequentiallyConsistent) &+ 1
    }

    /// Moves on towards the end of grace period `number` without waiting for anybody; false if that is not
    /// reached.
    func advance(to number: UInt64) -> Bool {
        if isComplete(number) { return true }
        // Nobody waits for the mover: who finds one comes again, as if readers were in the way.
        guard isMoving.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return false
        }
        defer { isMoving.store(false, ordering: .releasing) }
        while !isComplete(number) {
            guard step() else { return false }
        }
        return true
    }

    private func step() -> Bool {
        switch stage {
        case .resting:
            begin()
            stage = .drainingUnused
        case .drainingUnused:
            let used = counters.index.pointee.load(ordering: .relaxed)
            guard counters.isDrained(1 - used) else { return false }
            if counters.isDrained(used) {
                // Where no reader is in the way, the line that every reader loads is left alone.
                finish()
            } else {
                counters.index.pointee.store(1 - used, ordering: .sequentiallyConsistent)
                stage = .drainingOld
            }
        case .drainingOld:
            let used = counters.index.pointee.load(ordering: .relaxed)
            guard counters.isDrained(1 - used) else { return false }
            finish()
        }
        return true
    }

    private func finish() {
        completed.store(started.load(ordering: .relaxed), ordering: .releasing)
        stage = .resting
    }
}

// MARK: - Fencing

extension GracePeriods {
    /// Beyond so many CPUs one call for all of them costs less than a call for each.
    private static let mostSingleFences = 4

    /// Steps 1 and 2.
    private func begin() {
        started.wrappingAdd(1, ordering: .sequentiallyConsistent)
        inject(.numbered)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard counters.sectionCount > 0 else { return }
        if isolation.isDue() { followIsolation() }
        fencePlainReaders()
    }

    private func fencePlainReaders() {
        var plain: [CPU] = []
        var anyQuiet = false
        for id in 0..<counters.count {
            switch counters.mode(of: id).pointee.load(ordering: .sequentiallyConsistent) {
            case ReadCounters.Mode.plain: plain.append(CPU(id))
            case ReadCounters.Mode.quiet: anyQuiet = true
            default: break
            }
        }
        inject(.modes)
        if !anyQuiet && plain.count > Self.mostSingleFences {
            fence.all()
        } else {
            for cpu in plain { fence.one(cpu) }
        }
    }

    /// Makes each CPU's mode what its isolation now asks for.
    ///
    /// A CPU that is now quiet is fenced a last time, so that no section that saw the old mode is left. One
    /// that no longer is becomes unused, and plain with its next reader; (G1) says why that needs no fence.
    private func followIsolation() {
        let quiet = topology.quiet
        for id in 0..<counters.count {
            let mode = counters.mode(of: id)
            let wasQuiet = mode.pointee.load(ordering: .relaxed) == ReadCounters.Mode.quiet
            guard wasQuiet != quiet.contains(CPU(id)) else { continue }
            let wanted = wasQuiet ? ReadCounters.Mode.unused : ReadCounters.Mode.quiet
            let before = mode.pointee.exchange(wanted, ordering: .sequentiallyConsistent)
            if before == ReadCounters.Mode.plain { fence.one(CPU(id)) }
        }
    }
}
