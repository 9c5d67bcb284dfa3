import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

extension ObjectTests {
    @Suite(.enabled(if: Machine.pins, "\(Machine.needsPinning)")) struct OutOfMemoryTests {
        /// Refuses each request for memory of a run in turn, once alone and once with all that follow.
        @Test(arguments: [1, Int.max]) func nothingIsLost(refusals: Int) async throws {
            try await onThread(on: Machine.first) {
                let undisturbed = try Run().execute(refusing: 0..<0)
                #expect(undisturbed.requests > 10)
                #expect(undisturbed.failures == 0)
                var failures = 0
                for number in 0..<undisturbed.requests {
                    let end = refusals == 1 ? number + 1 : Int.max
                    failures += try Run().execute(refusing: number..<end).failures
                }
                #expect(failures > 0)
            }
        }

        @Test func theErrorNamesTheCache() async throws {
            let memory = FailingMemory()
            memory.refuse(0..<Int.max)
            let cache = makeCache(memory: memory.source)
            let error = #expect(throws: OutOfMemory.self) { try cache.allocate() }
            #expect(error?.cache == "tested")
            #expect(throws: OutOfMemory.self) { _ = try cache.prefill(3) }
            #expect(throws: OutOfMemory.self) { _ = try cache.prefill(30) }
        }
    }
}

/// Everything that asks for memory, with as much of it as there is.
private struct Run {
    let memory = FailingMemory()

    /// Returns how often memory was asked for, and how many operations went without.
    func execute(refusing numbers: Range<Int>) throws -> (requests: Int, failures: Int) {
        let rcu = RCUDomain("own")
        memory.refuse(numbers)
        var requests = 0
        var failures = 0
        do {
            let cache = makeCache(objectSize: 16384, rcu: rcu, memory: memory.source)
            var objects = Objects()
            func attempt(_ body: () throws(OutOfMemory) -> Void) {
                do throws(OutOfMemory) { try body() } catch { failures += 1 }
            }
            for _ in 0..<150 {
                attempt { () throws(OutOfMemory) in objects.addresses.append(try cache.allocate()) }
            }
            bulk(cache, &objects, attempt)
            prefill(cache, &objects, attempt)
            #expect(Set(objects.addresses).count == objects.addresses.count)
            #expect(cache.objectsInUse >= objects.addresses.count)
            for object in objects.addresses.dropFirst(100) { cache.deallocate(object) }
            for object in objects.addresses.prefix(100) { cache.deallocate(afterGracePeriod: object) }
            requests = memory.requests
            memory.refuse(0..<0)
            cache.barrier()
            cache.flush()
            #expect(cache.objectsInUse == 0)
            cache.deallocate(try cache.allocate())
        }
        memory.expectAllBack()
        return (requests, failures)
    }

    typealias Attempt = (() throws(OutOfMemory) -> Void) -> Void

    private func bulk(_ cache: ObjectCache, _ objects: inout Objects, _ attempt: Attempt) {
        let room = UnsafeMutableBufferPointer<UnsafeMutableRawPointer>.allocate(capacity: 130)
        defer { room.deallocate() }
        attempt { () throws(OutOfMemory) in
            try cache.allocate(into: room)
            objects.addresses += room
        }
    }

    private func prefill(_ cache: ObjectCache, _ objects: inout Objects, _ attempt: Attempt) {
        for count in [3, 200] {
            attempt { () throws(OutOfMemory) in
                var sheaf = try cache.prefill(count)
                for _ in 0..<count { objects.addresses.append(sheaf.allocate()!) }
                try sheaf.refill(count + 140)
            }
        }
    }
}
