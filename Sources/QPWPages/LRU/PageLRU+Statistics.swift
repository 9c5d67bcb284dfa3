public import QPW
import Synchronization

/// What an LRU counts. Several counts are not of one moment.
public struct LRUStatistics: Hashable, Sendable {
    /// Additions and hints that batches have brought to the lists, pins included.
    public var recencyUpdates = 0
    /// How often a list's lock was taken, for whatever reason.
    public var listLockAcquisitions = 0
    /// Batches that their CPU moved since they were full.
    public var movedFull = 0
    /// Batches that their CPU moved since a folio was heavy.
    public var movedHeavy = 0
    /// Batches that their CPU moved since batching was disabled.
    public var movedUnbatched = 0
    /// Times that a CPU's batches were moved by itself, all together: ``PageLRU/drainLocal()``.
    public var movedLocally = 0
    /// Times that a CPU's batches were taken away and moved by a drain.
    public var movedByDrain = 0
    /// Slots that drains have taken. Under a policy whose remote work is queued the three of a CPU cost it one disturbance.
    public var visits = 0
    /// Drains of all CPUs that were done.
    public var drains = 0
    /// Callers who were content with somebody else's drain of all CPUs.
    public var coalescedDrains = 0
    /// Folios that went to the unevictable lists, and those that came back. Kernel: `UNEVICTABLE_PGCULLED`.
    public var culled = 0
    /// Kernel: `UNEVICTABLE_PGRESCUED`.
    public var rescued = 0
}

extension PageLRU {
    /// What was counted so far. A few loads for each CPU and node; disturbs nobody.
    public var statistics: LRUStatistics {
        var sum = LRUStatistics()
        add(batches, to: &sum)
        add(tails, to: &sum)
        add(pinned, to: &sum)
        for node in 0..<nodes.count {
            sum.recencyUpdates += nodes[node].updates
            sum.listLockAcquisitions += nodes[node].lockAcquisitions
            sum.culled += nodes[node].culled
            sum.rescued += nodes[node].rescued
        }
        sum.movedByDrain = counters[.movedByDrain]
        sum.visits = counters[.visit]
        sum.drains = Int(turns.done)
        sum.coalescedDrains = turns.coalesced
        return sum
    }

    private func add(_ slots: borrowing BatchedSlots, to sum: inout LRUStatistics) {
        sum = slots.slots.snapshot(into: sum) { sum, banks, _ in
            sum.movedFull += banks.movedFull.load(ordering: .relaxed)
            sum.movedHeavy += banks.movedHeavy.load(ordering: .relaxed)
            sum.movedUnbatched += banks.movedUnbatched.load(ordering: .relaxed)
            sum.movedLocally += banks.movedLocally.load(ordering: .relaxed)
        }
    }

    /// How often the slots were waited for, and how long drains held them; since the lists were made.
    public var contention: Contention {
        var sum = batches.slots.contention
        for more in [tails.slots.contention, pinned.slots.contention] {
            sum.waits += more.waits
            sum.longestRemoteHold = max(sum.longestRemoteHold, more.longestRemoteHold)
        }
        return sum
    }

    /// What is on the lists of a node; what sits in batches is not. A few loads, no lock.
    public func sizes(node: Int) -> ListSizes { nodes[node].sizes }

    /// What is on the lists of all nodes.
    public var sizes: ListSizes {
        (0..<nodes.count).reduce(ListSizes()) { $0 + nodes[$1].sizes }
    }
}
