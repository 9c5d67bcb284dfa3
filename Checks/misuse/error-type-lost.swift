// expect: call can throw, but it is not marked with 'try'
import QPW

struct Failure: Error {}

// A body's errors are typed, and pass through as they are.
func fail(_ slots: borrowing PerCPU<Int>) {
    slots.withLocal { (count: inout sending Int, _) throws(Failure) in throw Failure() }
}
