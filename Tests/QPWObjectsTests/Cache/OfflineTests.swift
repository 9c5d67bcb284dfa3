import Foundation
import QPW
import QPWTestSupport
import Testing

@testable import QPWObjects

/// A machine of eight CPUs in a directory, some of which are online.
private final class PaperMachine: Sendable {
    private let root = FileManager.default.temporaryDirectory.appendingPathComponent("qpw-\(UUID())")
    private var files: URL { root.appendingPathComponent("devices/system/cpu") }

    init() throws {
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        try write("0-7", to: "possible")
        try setOnline("0-7")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func setOnline(_ list: String) throws { try write(list, to: "online") }

    func topology() throws -> Topology { try Topology(sysfsRoot: root.path) { [] } }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: files.appendingPathComponent(name))
    }
}

extension ObjectTests {
    @Suite struct OfflineTests {
        /// The tick flushes who is gone at once, and not only when he was idle for a while.
        @Test(arguments: everyPolicy) func aTickFlushesWhoIsOffline(policy: QPWPolicy) async throws {
            let machine = try PaperMachine()
            let cache = makeCache(policy: policy, topology: try machine.topology())
            try await onThread {
                cache.giveSheaves(to: CPUSet((0..<8).map { CPU($0) }))
                try machine.setOnline("0-2,5")
                cache.tick()
                #expect((0..<8).map { cache.count(of: .cpuFlush, on: CPU($0)) } == [0, 0, 0, 1, 1, 0, 1, 1])
                // Nothing is left to be flushed again, and who comes back is like everybody.
                try machine.setOnline("0-7")
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 8)
                cache.tick()
                #expect(cache.count(of: .cpuFlush) == 8)
            }
        }

        /// CPUs come and go while others allocate and free, and somebody ticks.
        @Test(arguments: everyPolicy) func nothingIsLostWithACPU(policy: QPWPolicy) async throws {
            let machine = try PaperMachine()
            let cache = makeCache(
                capacity: 7, policy: policy, rcu: RCUDomain("own"), topology: try machine.topology())
            try await torture(cache, steps: 15_000) { random in
                let gone = Int.random(in: 1..<8, using: &random)
                try machine.setOnline(gone == 1 ? "0,2-7" : "0-\(gone - 1)")
                cache.tick()
                System.sleep(nanoseconds: 200_000)
            }
        }
    }

    #if os(Linux) && !QPW_PORTABLE
    @Suite(.enabled(if: Unpluggable.lastCPU.isThere, "\(Unpluggable.lastCPU.reason)")) struct UnplugTests {
        @Test(arguments: everyPolicy) func sheavesOfACPUThatIsGoneAreFlushed(policy: QPWPolicy) async throws {
            let cache = makeCache(policy: policy, rcu: RCUDomain("own"))
            try await onThread(on: Machine.last) {
                let objects = try cache.take(12)
                cache.deallocate(afterGracePeriod: objects.addresses[0])
                cache.give(Objects(addresses: Array(objects.addresses.dropFirst())))
            }
            try await onThread(on: Machine.first) {
                let flushes = try Unpluggable.lastCPU.whileOffline {
                    cache.flush(Machine.last)
                    return cache.count(of: .cpuFlush)
                }
                #expect(flushes == 1)
                cache.barrier()
                cache.flush()
                #expect(cache.objectsInUse == 0)
            }
            // Its owner finds it as it was in the beginning.
            try await onThread(on: Machine.last) {
                cache.give(try cache.take(20))
                cache.flush()
                #expect(cache.objectsInUse == 0)
            }
        }

        @Test func nothingIsLostWhileACPUGoesAndComes() async throws {
            let cache = makeCache(capacity: 7, rcu: RCUDomain("own"))
            let wasOffline = Flag()
            try await torture(cache) { _ in
                guard !wasOffline.isRaised else { return System.sleep(nanoseconds: 1_000_000) }
                wasOffline.raise()
                try Unpluggable.lastCPU.whileOffline {
                    for _ in 0..<50 {
                        cache.tick()
                        cache.flush(Machine.last)
                        System.sleep(nanoseconds: 2_000_000)
                    }
                }
            }
        }
    }
    #endif
}
