// expect: cannot find 'count' in scope
import QPW

// The value has no name outside of its lock.
func use(_ slots: borrowing PerCPU<Int>) {
    slots.withLocal { count, _ in count += 1 }
    count += 1
}
