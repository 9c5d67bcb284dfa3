/// A few words for each thread, on lines of their own.
final class LaneStorage: Sendable {
    static let capacity = 64
    private static let stride = 128
    nonisolated(unsafe) let base: UnsafeMutableRawPointer

    init() {
        base = .allocate(byteCount: Self.capacity * Self.stride, alignment: Self.stride)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.capacity * Self.stride)
    }

    deinit {
        base.deallocate()
    }

    @inline(__always)
    func word<Word: ~Copyable>(_ index: Int, of lane: Int) -> UnsafeMutablePointer<Word> {
        (base + lane &* Self.stride + index &* 8).assumingMemoryBound(to: Word.self)
    }
}
