// expect: escaping closure captures 'inout' parameter 'buffer'
// expect: risks causing data races
import QPWObjects

final class Buffer { var bytes: [UInt8] = [] }

func capture(_ pool: ObjectPool<Buffer>) async {
    await pool.withObject { buffer in
        await Task.yield()
        Task { buffer.bytes.append(1) }
    }
}
