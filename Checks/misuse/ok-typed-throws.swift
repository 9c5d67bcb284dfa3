// The twin of error-type-lost.
import QPW

struct Failure: Error {}

func fail(_ slots: borrowing PerCPU<Int>) throws(Failure) {
    try slots.withLocal { (count: inout sending Int, _) throws(Failure) in throw Failure() }
}
