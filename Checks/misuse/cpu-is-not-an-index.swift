// expect: cannot convert value of type 'Int' to expected argument type 'CPU'
import QPW

// A literal is a CPU; an index from a loop or an array is not one by accident.
func ask(_ slots: borrowing PerCPU<Int>, _ index: Int) -> Int {
    slots.perform(on: index) { count in count }
}
