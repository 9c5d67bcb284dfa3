import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWPages

extension PageTests {
    /// What was added before a drain is called is on the lists when it returns, whoever else drains.
    @Suite(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"))
    struct DrainGuaranteeTests {
        @Test(arguments: everyPolicy) func nothingIsLeftBehind(policy: QPWPolicy) {
            let trial = DrainTrial(policy, for: 400) { lru in
                lru.turns.run(.needyCPUs, publish: lru.moveLocal) {
                    lru.detachAll(.needyCPUs)
                    lru.moveDetached()
                    // Where the twin fails, to be as inviting.
                    System.sleep(nanoseconds: 100_000)
                }
            }
            trial.run(checks: .max)
            #expect(trial.checkCount > 0)
            #expect(trial.missingCount == 0)
        }

        @Test(arguments: everyPolicy) func nothingIsLeftBehindByTheRealDrain(policy: QPWPolicy) {
            let trial = DrainTrial(policy, for: 300) { $0.drainAll() }
            trial.run(checks: .max)
            #expect(trial.missingCount == 0)
        }

        /// Batches that fill stay open for the next addition, and their CPU marked.
        @Test(arguments: everyPolicy) func nothingIsLeftBehindInOpenBatches(policy: QPWPolicy) {
            let trial = DrainTrial(policy, .many, for: 300) { $0.drainAll() }
            trial.run(checks: .max)
            #expect(trial.checkCount > 0)
            #expect(trial.missingCount == 0)
        }

        /// A generation that is advanced after the look at the CPUs: a caller who came in between is not served.
        @Test func theLateTwinIsCaught() {
            let late = LateTurns()
            let trial = DrainTrial(.queue, for: 20_000) { lru in
                late.run(publish: lru.moveLocal) {
                    lru.detachAll(.needyCPUs)
                    lru.moveDetached()
                    System.sleep(nanoseconds: 100_000)
                }
            }
            trial.run(untilMissing: 1)
            #expect(trial.missingCount > 0)
        }
    }
}

/// ``DrainTurns``, but for the place where the generation is advanced.
private final class LateTurns: Sendable {
    private let generation = Atomic<UInt64>(0)
    private let gate = DrainGate()

    func run(publish: () -> Void, drain: () -> Void) {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        let seen = generation.load(ordering: .acquiring)
        publish()
        gate.enter()
        defer { gate.leave() }
        guard generation.load(ordering: .relaxed) == seen else { return }
        drain()
        generation.store(seen + 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }
}
