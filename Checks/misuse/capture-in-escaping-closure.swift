// expect: escaping closure captures 'inout' parameter 'count'
import QPW

func capture(_ slots: borrowing PerCPU<Int>) -> () -> Void {
    slots.withLocal { count, _ in { count += 1 } }
}
