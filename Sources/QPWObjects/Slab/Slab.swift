// A slab: 64 KiB, aligned to its size, that hold objects of one cache. The header is at its start, so an object's slab is
// found by clearing the low bits of its address.
//
// All fields are written under the lock of the share's lists, except those from `cache` on, which are written once before
// the slab is reachable.
//
// Which objects are free is a bitmap in the header, one bit an object. To free an object is to set a bit near those of its
// neighbours, and touches neither the object, which may be cold in every cache, nor a list inside it that a stray write
// could corrupt: there is no free-list pointer to protect. A second free finds the bit set.

/// A slab, by its address.
struct Slab: Hashable, @unchecked Sendable {
    let address: UnsafeMutableRawPointer

    static let size = 64 * 1024
    private static let bitmapOffset = 64
    private static let headerSize = 64

    private struct Header {
        // First what changes, under the lists' lock: the thread sanitizer takes each change for one of the first word, and
        // what does not change is read without that lock.
        var free: UInt32
        /// The bitmap's words before this one are empty.
        var hint: UInt32
        var next: UnsafeMutableRawPointer?
        var previous: UnsafeMutableRawPointer?
        var cache: UnsafeRawPointer
        var node: UInt32
        /// Which of the node's shares it belongs to.
        var share: UInt32
        /// What the cache's owner tells his caches apart by.
        var tag: UInt32
        var first: UInt32
        var stride: UInt32
        /// 2^32 / stride, rounded up: multiplying by it divides any offset in a slab exactly.
        var reciprocal: UInt32
        var capacity: UInt32
    }

    private var header: UnsafeMutablePointer<Header> { address.assumingMemoryBound(to: Header.self) }

    private var bitmap: UnsafeMutablePointer<UInt64> {
        (address + Self.bitmapOffset).assumingMemoryBound(to: UInt64.self)
    }

    /// The slab that `object` would be in.
    static func containing(_ object: UnsafeMutableRawPointer) -> Slab {
        Slab(address: UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: object) & ~UInt(size - 1))!)
    }

    /// How many objects of `stride` bytes fit, and where the first begins.
    static func layout(stride: Int, alignment: Int) -> (first: Int, capacity: Int) {
        var capacity = (size - headerSize) / stride
        while true {
            let words = (capacity + 63) / 64
            let first = (bitmapOffset + words * 8 + alignment - 1) / alignment * alignment
            if first + capacity * stride <= size { return (first, capacity) }
            capacity -= 1
        }
    }

    /// Writes the header of a slab that is all free.
    func format(
        for cache: UnsafeRawPointer, node: Int, share: Int, tag: Int, stride: Int,
        layout: (first: Int, capacity: Int)
    ) {
        address.bindMemory(to: Header.self, capacity: 1).initialize(
            to: Header(
                free: UInt32(layout.capacity), hint: 0, next: nil, previous: nil, cache: cache,
                node: UInt32(node), share: UInt32(share), tag: UInt32(tag), first: UInt32(layout.first),
                stride: UInt32(stride),
                reciprocal: UInt32((UInt64(1) << 32 + UInt64(stride) - 1) / UInt64(stride)),
                capacity: UInt32(layout.capacity)))
        let words = (layout.capacity + 63) / 64
        (address + Self.bitmapOffset).bindMemory(to: UInt64.self, capacity: words)
            .initialize(repeating: .max, count: words)
        let rest = layout.capacity % 64
        if rest != 0 { bitmap[words - 1] = (1 << UInt64(rest)) - 1 }
    }

    /// Writes over all objects of a slab that has just been formatted.
    func fill(with byte: UInt8) {
        let objects = address + Int(header.pointee.first)
        objects.initializeMemory(
            as: UInt8.self, repeating: byte, count: capacity * Int(header.pointee.stride))
    }

    var cache: UnsafeRawPointer { header.pointee.cache }
    var node: Int { Int(header.pointee.node) }
    var share: Int { Int(header.pointee.share) }
    var tag: Int { Int(header.pointee.tag) }
    var freeCount: Int { Int(header.pointee.free) }
    var isFull: Bool { header.pointee.free == 0 }
    var isEmpty: Bool { header.pointee.free == header.pointee.capacity }
    var capacity: Int { Int(header.pointee.capacity) }

    var next: Slab? {
        get { header.pointee.next.map { Slab(address: $0) } }
        nonmutating set { header.pointee.next = newValue?.address }
    }

    var previous: Slab? {
        get { header.pointee.previous.map { Slab(address: $0) } }
        nonmutating set { header.pointee.previous = newValue?.address }
    }
}

// MARK: - Objects

extension Slab {
    /// Takes up to `count` free objects into `objects`, so that the last one lies lowest; returns how many.
    ///
    /// They are given out from the end, thus ascending, as processors like to fetch memory. A run of neighbours is written
    /// by a loop without branches.
    func take(_ count: Int, into objects: UnsafeMutablePointer<UnsafeMutableRawPointer>) -> Int {
        let first = address + Int(header.pointee.first)
        let stride = Int(header.pointee.stride)
        let wanted = min(count, freeCount)
        var room = objects + wanted
        var index = Int(header.pointee.hint)
        while room > objects {
            let word = bitmap[index]
            guard word != 0 else {
                index += 1
                continue
            }
            let start = word.trailingZeroBitCount
            let run = min((~(word &>> UInt64(start))).trailingZeroBitCount, room - objects)
            var object = first + (index * 64 + start) * stride
            for _ in 0..<run {
                room -= 1
                room.pointee = object
                object += stride
            }
            bitmap[index] = word & ~((UInt64.max &>> UInt64(64 - run)) &<< UInt64(start))
        }
        header.pointee.hint = UInt32(index)
        header.pointee.free -= UInt32(wanted)
        return wanted
    }

    /// Gives back those at the front of `objects` that are this slab's and not free; returns how many.
    ///
    /// Objects that were allocated one after the other mostly come back so, in one order or the other: neighbours are given
    /// back together.
    func put(_ objects: UnsafePointer<UnsafeMutableRawPointer>, _ count: Int) -> Int {
        let stride = Int(header.pointee.stride)
        let capacity = capacity
        var done = 0
        while done < count, let index = index(of: objects[done]) {
            let (length, isAscending) = Self.run(objects + done, count - done, stride)
            let neighbours =
                isAscending
                ? index..<min(index + length, capacity) : max(0, index - length + 1)..<index + 1
            if setFree(neighbours) {
                done += neighbours.count
            } else {
                // One of them is free already. The others are not its fault.
                guard setFree(index..<index + 1) else { break }
                done += 1
            }
        }
        header.pointee.free += UInt32(done)
        return done
    }

    /// How many objects at the front are neighbours, and whether each lies above the one before.
    private static func run(
        _ objects: UnsafePointer<UnsafeMutableRawPointer>, _ count: Int, _ stride: Int
    ) -> (length: Int, isAscending: Bool) {
        let first = objects[0]
        guard count > 1 else { return (1, true) }
        let isAscending = objects[1] >= first
        let step = isAscending ? stride : -stride
        var expected = first + step
        var length = 1
        while length < count && objects[length] == expected {
            expected += step
            length += 1
        }
        return (length, isAscending)
    }

    /// False, and nothing has changed, if one of them is free already.
    private func setFree(_ objects: Range<Int>) -> Bool {
        guard words(of: objects, { word, bits in word.pointee & bits == 0 }) else { return false }
        header.pointee.hint = min(header.pointee.hint, UInt32(objects.lowerBound / 64))
        return words(of: objects) { word, bits in
            word.pointee |= bits
            return true
        }
    }

    /// Calls `body` with each word of the bitmap that these objects have a bit in, and with the bits; false as soon as it is.
    @inline(__always)
    private func words(
        of objects: Range<Int>, _ body: (UnsafeMutablePointer<UInt64>, UInt64) -> Bool
    ) -> Bool {
        var next = objects.lowerBound
        while next < objects.upperBound {
            let count = min(64 - next % 64, objects.upperBound - next)
            let bits = (UInt64.max &>> UInt64(64 - count)) &<< UInt64(next % 64)
            guard body(bitmap + next / 64, bits) else { return false }
            next += count
        }
        return true
    }

    /// Which object of the slab this is; nil for an address that is not an object's first byte.
    func index(of object: UnsafeMutableRawPointer) -> Int? {
        let offset = object - address - Int(header.pointee.first)
        guard offset >= 0 else { return nil }
        let index = Int((UInt64(offset) * UInt64(header.pointee.reciprocal)) >> 32)
        guard index < capacity, index * Int(header.pointee.stride) == offset else { return nil }
        return index
    }

    func isFree(_ index: Int) -> Bool { bitmap[index / 64] & (1 << UInt64(index % 64)) != 0 }
}
