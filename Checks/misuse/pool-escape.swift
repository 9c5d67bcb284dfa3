// expect: cannot be task-isolated at end of function
import QPWObjects

final class Buffer { var bytes: [UInt8] = [] }

// The object goes back when the body ends: its next user would meet this one.
func escape(_ pool: ObjectPool<Buffer>) -> Buffer {
    var outside = Buffer()
    pool.withObject { buffer in outside = buffer }
    return outside
}
