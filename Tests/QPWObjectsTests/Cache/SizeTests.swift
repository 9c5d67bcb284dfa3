import QPW
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite struct SizeTests {
        @Test(arguments: [
            (8, 60), (248, 60), (249, 26), (256, 26), (1016, 26), (1024, 12), (4088, 12), (4096, 4),
            (16384, 4),
        ])
        func capacityFollowsObjectSize(size: Int, capacity: Int) {
            // What counts is the size with its rounding: 249 bytes take 256.
            #expect(makeCache(objectSize: size, alignment: 1, capacity: nil).sheafCapacity == capacity)
        }

        @Test func capacityAsWished() {
            #expect(makeCache(objectSize: 4096, capacity: 100).sheafCapacity == 100)
            #expect(makeCache(capacity: 100, flags: .poison).sheafCapacity == 0)
        }

        @Test(arguments: [1, 2, 8, 16, 64, 1024, 4096], [1, 24, 100, 4096, 16384])
        func alignedAndApart(alignment: Int, size: Int) throws {
            let cache = makeCache(objectSize: size, alignment: alignment, capacity: nil)
            var objects = try cache.take(200)
            for object in objects.addresses { #expect(Int(bitPattern: object) % alignment == 0) }
            objects.addresses.sort()
            for (object, next) in zip(objects.addresses, objects.addresses.dropFirst()) {
                #expect(next - object >= size)
            }
            // Every byte is the user's.
            for object in objects.addresses {
                object.initializeMemory(as: UInt8.self, repeating: 7, count: size)
            }
            cache.give(objects)
        }

        @Test func bulk() throws {
            let cache = makeCache(capacity: 4)
            let room = UnsafeMutableBufferPointer<UnsafeMutableRawPointer>.allocate(capacity: 50)
            defer { room.deallocate() }
            try cache.allocate(into: room)
            #expect(Set(room).count == 50)
            cache.deallocate(UnsafeBufferPointer(room))
            cache.flush()
            #expect(cache.objectsInUse == 0)
        }
    }
}
