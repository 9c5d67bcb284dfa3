// Buffers that are kept between uses: lent to one task at a time, which may suspend with its buffer.
import QPW
import QPWObjects

/// Expensive to make, and no business of two tasks at once: the compiler sees to that.
final class Buffer {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(64 * 1024) }

    func clear() { bytes.removeAll(keepingCapacity: true) }
    func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
    var count: Int { bytes.count }
}

let buffers = ObjectPool<Buffer>("buffers", capacity: 16, reset: { $0.clear() }) { Buffer() }

func respond(to request: Int) async -> Int {
    await buffers.withObject { buffer in
        buffer.append("request \(request)")
        await Task.yield()
        buffer.append(", answered")
        return buffer.count
    }
}

let total = await withTaskGroup(of: Int.self) { group in
    for worker in 0..<8 {
        group.addTask {
            var bytes = 0
            for step in 0..<125 { bytes += await respond(to: worker * 125 + step) }
            return bytes
        }
    }
    var total = 0
    for await bytes in group { total += bytes }
    return total
}
print("\(total) bytes from \(buffers.made) buffers, of which \(buffers.count) are kept")
precondition(buffers.made <= 8)

/// Without a scope: the buffer goes back when its owner ends.
func lend() {
    var buffer: Pooled<Buffer> = buffers.borrow()
    buffer.withObject { $0.append("as long as the owner likes") }
}

/// Or it ends with him: a connection that broke, for example.
func discard() {
    buffers.borrow().discard()
}

let before = buffers.count
lend()
discard()
precondition(buffers.count == before - 1)
