import QPW
import QPWObjects

final class Buffer { var bytes: [UInt8] = [] }

struct Connection: ~Copyable {
    var requests = 0
}

struct Broken: Error {}

func useBuffers(_ pool: ObjectPool<Buffer>) async throws(Broken) -> Int {
    let count = pool.withObject { buffer in
        buffer.bytes.append(1)
        return buffer.bytes.count
    }
    try await pool.withObject { (buffer: inout sending Buffer) async throws(Broken) in
        await Task.yield()
        buffer = Buffer()
        if count > 10 { throw Broken() }
    }
    var borrowed = pool.borrow()
    await Task.yield()
    borrowed.withObject { $0.bytes.removeAll() }
    await Worker().finish(borrowed)
    return count
}

/// A loan may go anywhere, with its object.
actor Worker {
    func finish(_ borrowed: consuming Pooled<Buffer>) {
        borrowed.withObject { $0.bytes.append(0) }
        borrowed.discard()
    }
}

func useConnections(_ pool: ObjectPool<Connection>) {
    pool.withObject { $0.requests += 1 }
    var connection = pool.borrow()
    connection.object.requests += 1
    if connection.object.requests > 100 { connection.discard() }
}

@MainActor
final class Window {
    var title = ""

    // The body of an asynchronous use stays on its caller's actor.
    func show(_ pool: ObjectPool<Buffer>) async {
        await pool.withObject { buffer in
            await Task.yield()
            title = "\(buffer.bytes.count) bytes"
        }
    }
}

func useMemory(_ cache: ObjectCache, _ sizes: SizeClasses) throws(OutOfMemory) {
    var sheaf = try cache.prefill(2)
    if let object = sheaf.allocate() { cache.deallocate(object) }
    sizes.deallocate(try sizes.allocate(byteCount: 100, alignment: 32), byteCount: 100, alignment: 32)
}
