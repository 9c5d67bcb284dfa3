import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

/// What a torture needs of a domain, so that a broken one can take its place.
private protocol Protecting: Sendable {
    func read(_ body: () -> Void)
    func synchronize()
    func call(_ function: @escaping @Sendable () -> Void)
}

private struct Sound: Protecting {
    let domain: RCUDomain

    func read(_ body: () -> Void) { domain.read(body) }
    func synchronize() { domain.synchronize() }
    func call(_ function: @escaping @Sendable () -> Void) { domain.callOrHelp(function) }
}

/// Its grace periods end before readers do: they only wait for a grace period of readers who are somewhere
/// else.
private struct Hasty: Protecting {
    let domain: RCUDomain
    private let elsewhere = RCUDomain("elsewhere")

    init(domain: RCUDomain) { self.domain = domain }

    func read(_ body: () -> Void) { domain.read(body) }
    func synchronize() { elsewhere.synchronize() }
    func call(_ function: @escaping @Sendable () -> Void) { elsewhere.callOrHelp(function) }
}

/// Objects are published, retired and, a grace period later, poisoned and used again.
private final class RCUTorture<Protection: Protecting>: Sendable {
    private static var poison: Int { -1 }

    private let protection: Protection
    private let objects: [Object]
    private let published = Atomic<Int>(0)
    private let free: Guarded<[Int]>
    private let stopping = Flag()
    private let handovers = Tally()
    let violations = Tally(), reads = Tally(), retirements = Tally()

    private final class Object: Sendable {
        let value = Atomic<Int>(0)
    }

    init(_ protection: Protection, objects count: Int = 32) {
        self.protection = protection
        objects = (0..<count).map { _ in Object() }
        free = Guarded(Array(1..<count))
    }

    func run(nanoseconds: Int64) {
        let readers = (0..<4).map { index in TestThread { self.readMany(index) } }
        let writers = (0..<2).map { index in TestThread { self.writeMany(index) } }
        System.sleep(nanoseconds: nanoseconds)
        stopping.raise()
        for thread in readers + writers { thread.join() }
    }

    private func readMany(_ thread: Int) {
        var random = SeededRandom(17, thread: thread)
        while !stopping.isRaised {
            protection.read {
                let object = objects[published.load(ordering: .acquiring)]
                let before = object.value.load(ordering: .relaxed)
                linger(Int.random(in: 0..<400, using: &random), &random)
                let after = object.value.load(ordering: .relaxed)
                if before == Self.poison || after != before { violations.add() }
            }
            reads.add()
        }
    }

    /// Most sections are short; some are preempted, some end on another CPU.
    private func linger(_ choice: Int, _ random: inout SeededRandom) {
        switch choice {
        case 0: yieldThread()
        case 1: _ = System.pinThread(to: Machine.cpus.randomElement(using: &random)!)
        case 2: System.sleep(nanoseconds: 20_000)
        default: break
        }
    }

    private func writeMany(_ thread: Int) {
        var random = SeededRandom(23, thread: thread)
        var generation = thread
        while !stopping.isRaised {
            guard let new = withFree({ $0.popLast() }) else {
                yieldThread()
                continue
            }
            generation += 2
            objects[new].value.store(generation, ordering: .relaxed)
            let old = published.exchange(new, ordering: .acquiringAndReleasing)
            if Bool.random(using: &random) {
                protection.synchronize()
                reclaim(old)
            } else {
                protection.call { self.reclaim(old) }
            }
        }
    }

    private func reclaim(_ index: Int) {
        objects[index].value.store(Self.poison, ordering: .relaxed)
        withFree { $0.insert(index, at: 0) }
        retirements.add()
    }

    /// The thread sanitizer does not see that a `Mutex` orders anything; it sees that a tally does.
    private func withFree<R>(_ body: (inout [Int]) -> R) -> R {
        free.withLock { free in
            handovers.add()
            defer { handovers.add() }
            return body(&free)
        }
    }
}

extension CoreTests {
    @Suite struct RCUTortureTests {
        @Test(arguments: RCUSystem.allCases)
        func noReaderSeesWhatWasReclaimed(system: RCUSystem) async throws {
            let domain = system.domain()
            let torture = RCUTorture(Sound(domain: domain))
            try await onThread {
                torture.run(nanoseconds: 500_000_000)
                domain.barrier()
            }
            #expect(torture.violations.count == 0)
            #expect(torture.reads.count > 0 && torture.retirements.count > 0)
            #expect(domain.isQuiescent)
        }

        /// A torture that catches nobody proves nothing. How many rounds it needs is the machine's business.
        @Test(arguments: RCUSystem.allCases)
        func graceThatIsTooShortIsCaught(system: RCUSystem) async throws {
            for _ in 0..<60 {
                let torture = RCUTorture(Hasty(domain: system.domain()))
                try await onThread { torture.run(nanoseconds: 500_000_000) }
                if torture.violations.count > 0 { return }
            }
            Issue.record("a grace period that does not wait was not caught")
        }

        /// Memory without atomics, given back to the allocator: what the sanitizers look at.
        @Test(arguments: RCUSystem.allCases)
        func memoryIsHandedOver(system: RCUSystem) async throws {
            let domain = system.domain()
            let published = Published(1)
            let stopping = Flag()
            let readers = (0..<2).map { _ in
                TestThread {
                    while !stopping.isRaised {
                        domain.read { if published.value == 0 { Issue.record("a section saw poison") } }
                    }
                }
            }
            try await onThread {
                for step in 2..<3000 {
                    let old = published.replace(by: step)
                    if step % 8 == 0 {
                        domain.synchronize()
                        Published.poison(old)
                    } else {
                        domain.call { Published.poison(old) }
                    }
                }
                domain.barrier()
            }
            stopping.raise()
            for reader in readers { reader.join() }
        }
    }
}

private final class Published: Sendable {
    private let address: Atomic<UInt>

    init(_ value: Int) { address = Atomic(Self.make(value)) }

    deinit { Self.poison(address.load(ordering: .acquiring)) }

    private static func make(_ value: Int) -> UInt {
        let pointer = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        pointer.initialize(to: value)
        return UInt(bitPattern: pointer)
    }

    var value: Int { UnsafePointer<Int>(bitPattern: address.load(ordering: .acquiring))!.pointee }

    func replace(by value: Int) -> UInt {
        address.exchange(Self.make(value), ordering: .acquiringAndReleasing)
    }

    static func poison(_ old: UInt) {
        let pointer = UnsafeMutablePointer<Int>(bitPattern: old)!
        pointer.pointee = 0
        pointer.deallocate()
    }
}
