// The twin of snapshot-of-plain-value.
import QPW
import Synchronization

struct Stats: ~Copyable, SnapshotReadable { let hits = Atomic(0) }

func scrape(_ slots: borrowing PerCPU<Stats>) -> Int {
    slots.snapshot(into: 0) { total, stats, _ in total += stats.hits.load(ordering: .relaxed) }
}
