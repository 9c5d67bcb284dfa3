// expect: is inaccessible due to 'package' protection level
import QPW

func peek(_ slots: borrowing PerCPU<Int>) {
    _ = slots.access.table
}
