// expect: mutation of captured var 'total' in concurrently-executing code
import QPW

// Bodies run at once on several CPUs: the sum would lose some.
func sum(_ slots: borrowing PerCPU<Int>) -> Int {
    var total = 0
    slots.drain { count, _ in total += count }
    return total
}
