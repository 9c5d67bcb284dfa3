// expect: does not conform to the 'Sendable' protocol
import QPWObjects

final class Buffer { var bytes: [UInt8] = [] }

// A reference that is kept would outlive the loan.
func keep(_ pool: ObjectPool<Buffer>) -> Buffer {
    let borrowed = pool.borrow()
    return borrowed.object
}
