// expect: cannot be task-isolated at end of function
import QPWObjects

final class Buffer { var bytes: [UInt8] = [] }

func escape(_ pool: ObjectPool<Buffer>) -> Buffer {
    var outside = Buffer()
    var borrowed = pool.borrow()
    borrowed.withObject { buffer in outside = buffer }
    return outside
}
