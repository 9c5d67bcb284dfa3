import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWObjects

/// A class instance that counts its kind.
private final class Buffer {
    static let living = Atomic<Int>(0)
    var bytes: [UInt8] = []
    var uses = 0

    init() { Self.living.wrappingAdd(1, ordering: .relaxed) }
    deinit { Self.living.wrappingSubtract(1, ordering: .relaxed) }
}

private struct Handle: ~Copyable {
    let number: Int
    var uses = 0
    private let ended: Tally

    init(_ number: Int, _ ended: Tally) {
        self.number = number
        self.ended = ended
    }

    deinit { ended.add() }
}

private struct Failure: Error, Equatable {}

extension ObjectTests {
    @Suite struct PoolTests {
        /// By who stays on its CPU: on another one, an idle object of another is what is used.
        @Test(arguments: everyPolicy) func anObjectIsUsedAgain(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                let pool = ObjectPool("tested", capacity: 64, policy: policy) { Buffer() }
                for step in 0..<1000 {
                    pool.withObject { buffer in
                        #expect(buffer.uses == step)
                        buffer.uses += 1
                    }
                }
                #expect(pool.made == 1 && pool.count == 1)
            }
        }

        @Test func resetMakesItFit() {
            let pool = ObjectPool("tested", reset: { $0.bytes.removeAll(keepingCapacity: true) }) { Buffer() }
            for _ in 0..<3 {
                pool.withObject { buffer in
                    #expect(buffer.bytes.isEmpty)
                    buffer.bytes.append(1)
                }
                var borrowed = pool.borrow()
                borrowed.withObject { buffer in
                    #expect(buffer.bytes.isEmpty)
                    buffer.bytes.append(1)
                }
            }
        }

        @Test func errorsPassThroughAndTheObjectGoesBack() async throws {
            let pool = ObjectPool("tested") { Buffer() }
            #expect(throws: Failure()) {
                try pool.withObject { (_: inout sending Buffer) throws(Failure) in throw Failure() }
            }
            await #expect(throws: Failure()) {
                try await pool.withObject { (_: inout sending Buffer) async throws(Failure) in
                    await Task.yield()
                    throw Failure()
                }
            }
            #expect(pool.idleCount == pool.made)
        }

        @Test func noncopyableValues() {
            let made = Tally(), ended = Tally()
            do {
                let pool = ObjectPool("tested", capacity: 8, reset: { $0.uses = 0 }) {
                    Handle(made.add(), ended)
                }
                var first = pool.borrow()
                first.withObject { $0.uses += 1 }
                let second = pool.withObject { handle in
                    handle.uses += 1
                    return handle.number
                }
                #expect(second == 2)
                #expect(first.withObject { $0.uses } == 1)
                _ = consume first
                #expect(pool.count == 2 && pool.idleCount == 2)
            }
            #expect(made.count == 2 && ended.count == 2)
        }

        @Test func whatIsSendableCanBeReachedDirectly() {
            let pool = ObjectPool("tested") { 0 }
            var number = pool.borrow()
            number.object += 5
            #expect(number.object == 5)
        }

        @Test func discardedObjectsDoNotComeBack() {
            let pool = ObjectPool("tested") { Buffer() }
            pool.borrow().discard()
            #expect(pool.made == 1 && pool.count == 0 && pool.idleCount == 0)
            _ = pool.borrow()
            #expect(pool.made == 2 && pool.idleCount == 1)
        }

        @Test func replacedInPlace() async throws {
            try await onThread(on: Machine.first) {
                let pool = ObjectPool("tested") { Buffer() }
                pool.withObject { buffer in
                    buffer = Buffer()
                    buffer.uses = 7
                }
                #expect(pool.withObject { $0.uses } == 7)
            }
        }

        @Test(arguments: [0, 1, 5, 64, 1000]) func idleObjectsAreBounded(capacity: Int) {
            let pool = ObjectPool("tested", capacity: capacity) { Buffer() }
            var borrowed = (0..<1500).map { _ in Loan(pool.borrow()) }
            #expect(pool.made == 1500)
            borrowed.removeAll()
            // A CPU that nobody returns to fills neither its magazine nor what another could have.
            #expect(pool.idleCount <= capacity)
            #expect(pool.idleCount >= (capacity + 1) / 2)
            #expect(pool.count == pool.idleCount)
        }

        @Test(arguments: everyPolicy) func flushEndsWhatIsIdle(policy: QPWPolicy) async throws {
            try await onThread {
                let pool = ObjectPool("tested", capacity: 200, policy: policy) { Buffer() }
                let kept = Loan(pool.borrow())
                do { _ = (0..<150).map { _ in Loan(pool.borrow()) } }
                #expect(pool.idleCount == 150)
                #expect(pool.flush() == 150)
                #expect(pool.count == 1)
                #expect(pool.flush() == 0)
                #expect(kept.uses == 0)
            }
        }

        /// More CPUs than the capacity has room for: everything is in the shared list.
        @Test func aPoolForManyCPUs() {
            let possible = CPUSet((0..<4096).map { CPU($0) })
            let pool = ObjectPool("tested", capacity: 100, topology: Topology(possible: possible)) {
                Buffer()
            }
            do { _ = (0..<300).map { _ in Loan(pool.borrow()) } }
            #expect(pool.idleCount == 100)
            #expect(pool.flush() == 100)
        }

        /// A CPU that gets no magazine uses the shared list, and what that has no room for is ended.
        @Test func withoutMemoryForAMagazine() {
            let memory = FailingMemory()
            do {
                let pool = ObjectPool(
                    "tested", capacity: 100, policy: nil, topology: .system, reset: nil,
                    memory: memory.source
                ) { Buffer() }
                memory.refuse(0..<Int.max)
                do { _ = (0..<200).map { _ in Loan(pool.borrow()) } }
                #expect(pool.idleCount == pool.count && pool.count <= 100)
                #expect(pool.count >= 50)
                memory.refuse(0..<0)
                pool.withObject { $0.uses += 1 }
            }
            #expect(memory.blocks == 0)
        }

        @Test func itsEndIsItsObjectsEnd() {
            let ended = Tally()
            do {
                let pool = ObjectPool("tested", capacity: 200) { Handle(0, ended) }
                do { _ = (0..<80).map { _ in Loan(pool.borrow()) } }
                #expect(ended.count == 0)
            }
            #expect(ended.count == 80)
        }

        @Test func aLoanKeepsItsPool() {
            let ended = Tally()
            var loan: Loan<Handle>? = Loan(ObjectPool("tested") { Handle(3, ended) }.borrow())
            #expect(loan != nil && ended.count == 0)
            loan = nil
            #expect(ended.count == 1)
        }
    }
}

/// Something borrowed, for an array: those hold no noncopyable values.
private final class Loan<Element: ~Copyable> {
    private var pooled: Pooled<Element>

    init(_ pooled: consuming Pooled<Element>) { self.pooled = pooled }
}

extension Loan where Element == Buffer {
    var uses: Int { pooled.withObject { $0.uses } }
}
