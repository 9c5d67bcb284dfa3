// expect: requires that 'Stats' conform to 'SnapshotReadable'
import QPW

struct Stats { var hits = 0 }

// Without the lock only atomic fields may be read, and the type must say that it has them.
func scrape(_ slots: borrowing PerCPU<Stats>) -> Int {
    slots.snapshot(into: 0) { total, stats, _ in total += stats.hits }
}
