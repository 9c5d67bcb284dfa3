// expect: is borrowed and cannot be consumed
import QPW

func copy(_ slots: borrowing PerCPU<Int>) -> PerCPU<Int> { slots }
