import Foundation
import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

/// What a crime's exit test looks for: the cache's name, what was done, and the address, which the crime prints itself.
private func expect(
    _ crime: String, in result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let result = try #require(result)
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    let address = try #require(text.split(separator: "\n").first { $0.hasPrefix("address ") }).dropFirst(8)
    let crime = crime.replacingOccurrences(of: "$", with: address)
    #expect(text.contains("object cache 'tested': \(crime)"), sourceLocation: sourceLocation)
}

private func announce(_ address: UnsafeMutableRawPointer) {
    FileHandle.standardError.write(Data("address \(address)\n".utf8))
}

extension ObjectTests {
    @Suite struct HardeningTests {
        @Test func redZoneOverwritten() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache(objectSize: 20, flags: .redZones)
                let object = try cache.allocate()
                announce(object)
                (object + 20).storeBytes(of: 0, as: UInt8.self)
                cache.deallocate(object)
            }
            try expect("the bytes behind object $ were overwritten", in: result)
        }

        @Test(.disabled(if: Machine.hasAddressSanitizer, "the address sanitizer is faster"))
        func writtenAfterFree() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                // On one CPU: another would not get the object, which lies in the sheaf of the one where it was freed.
                try await onThread(on: Machine.first) {
                    let cache = makeCache(flags: .poison)
                    let object = try cache.allocate()
                    announce(object)
                    cache.deallocate(object)
                    (object + 40).storeBytes(of: 0, as: UInt8.self)
                    _ = try cache.take(2000)
                }
            }
            try expect("object $ was written after it was freed", in: result)
        }

        @Test(.enabled(if: Machine.hasAddressSanitizer, "needs the address sanitizer"))
        func useAfterFreeIsSeenByTheSanitizer() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache()
                let object = try cache.allocate()
                cache.deallocate(object)
                (object + 40).storeBytes(of: 0, as: UInt8.self)
            }
            let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
            #expect(text.contains("AddressSanitizer: use-after-poison"))
        }

        @Test func doubleFree() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache(flags: .consistencyChecks)
                let objects = try cache.take(2)
                announce(objects.addresses[0])
                cache.deallocate(objects.addresses[0])
                cache.deallocate(objects.addresses[0])
            }
            try expect("double free of object $", in: result)
        }

        @Test func doubleFreeIsSeenAtFlushWithoutFlags() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache()
                let object = try cache.allocate()
                announce(object)
                cache.deallocate(object)
                cache.deallocate(object)
                try await onThread { cache.flush() }
            }
            try expect("double free of object $", in: result)
        }

        @Test func wrongCache() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = ObjectCache(name: "tested", objectSize: 64, flags: .consistencyChecks)
                let other = ObjectCache(name: "other", objectSize: 64, flags: .consistencyChecks)
                let object = try other.allocate()
                announce(object)
                cache.deallocate(object)
            }
            try expect("object $ belongs to another cache", in: result)
        }

        @Test func foreignPointer() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache(flags: .consistencyChecks)
                let foreign = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
                announce(foreign)
                cache.deallocate(foreign)
            }
            try expect("$ is not an address that any cache gave out", in: result)
        }

        /// Where reading would end in a fault of its own.
        @Test func unmappedPointerWithoutFlags() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache()
                let foreign = UnsafeMutableRawPointer(bitPattern: 0x7000_0000)!
                announce(foreign)
                cache.deallocate(foreign)
                try await onThread { cache.flush() }
            }
            try expect("$ is not an address that any cache gave out", in: result)
        }

        @Test func unmappedPointerWithoutFlagsOnTwoNodes() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache(topology: Machine.withTwoNodes)
                let foreign = UnsafeMutableRawPointer(bitPattern: 0x7000_0000)!
                announce(foreign)
                cache.deallocate(foreign)
            }
            try expect("$ is not an address that any cache gave out", in: result)
        }

        @Test func wrongCacheIsSeenAtFlushWithoutFlags() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache()
                let other = makeCache()
                let object = try other.allocate()
                announce(object)
                cache.deallocate(object)
                try await onThread { cache.flush() }
                withExtendedLifetime(other) {}
            }
            try expect("object $ belongs to another cache", in: result)
        }

        @Test func interiorPointer() async throws {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let cache = makeCache(flags: .consistencyChecks)
                let object = try cache.allocate()
                announce(object + 16)
                cache.deallocate(object + 16)
            }
            try expect("$ is inside an object, or between two", in: result)
        }

        @Test func theHonestAreLeftAlone() throws {
            let cache = makeCache(objectSize: 20, flags: .debug)
            for _ in 0..<3 {
                let objects = try cache.take(3000)
                for object in objects.addresses {
                    object.initializeMemory(as: UInt8.self, repeating: 1, count: 20)
                }
                cache.give(objects)
            }
            #expect(cache.objectsInUse == 0)
        }

        @Test func leakedObjectsAreReported() async throws {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                let cache = ObjectCache(name: "leaky", objectSize: 64)
                _ = try cache.take(3)
            }
            let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
            #expect(text.contains("object cache 'leaky' ends while 3 of its objects are in use."))
        }
    }
}
