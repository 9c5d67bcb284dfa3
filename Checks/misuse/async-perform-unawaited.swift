// expect: expression is 'async' but is not marked with 'await'
import QPW

// In a task this is the asynchronous form.
func block(_ slots: borrowing PerCPU<Int>) async {
    slots.perform(on: CPU(0)) { count in count += 1 }
}
