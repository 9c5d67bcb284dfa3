// Memory of any size: strings of a protocol, held by length and freed without it.
import QPW
import QPWObjects

let memory = SizeClasses(name: "frames")

struct Frame {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ text: String) throws(OutOfMemory) {
        let utf8 = text.utf8
        bytes = UnsafeMutableRawBufferPointer(
            start: try memory.allocate(byteCount: utf8.count), count: utf8.count)
        bytes.copyBytes(from: utf8)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func end() { memory.deallocate(bytes.baseAddress!, byteCount: bytes.count) }
}

let frames = try (0..<1000).map { number in
    try Frame(String(repeating: "x", count: number) + "\(number)")
}
precondition(frames[999].text.hasSuffix("x999"))

// The smallest class that holds what was asked for; beyond 8192 bytes, whole pages.
for count in [1, 100, 3000, 10_000] {
    let block = try memory.allocate(byteCount: count, alignment: 64)
    print("\(count) bytes: \(memory.usableSize(of: block)) may be used")
    memory.deallocate(block)
}

for frame in frames { frame.end() }
memory.shrink()
precondition(memory.caches.allSatisfy { $0.objectsInUse == 0 })
