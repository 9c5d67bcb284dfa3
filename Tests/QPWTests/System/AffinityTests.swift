import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)")) struct AffinityTests {
        /// Half-way all threads are confined to one CPU; work for the other goes on.
        @Test(arguments: everyPolicy)
        func performsGoOnWhenTheAffinityShrinks(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let steps = 400
            let threads = (0..<3).map { _ in
                TestThread {
                    for step in 0..<steps {
                        if step == steps / 2 { #expect(System.setAffinity([Machine.first])) }
                        cell.slots.withLocal { value, _ in value += 1 }
                        cell.slots.perform(on: Machine.last) { value in value += 1 }
                        if step > steps / 2 { #expect(CPU.current == Machine.first) }
                    }
                }
            }
            for thread in threads { thread.join() }
            let sum = try await onThread { cell.sum() }
            #expect(sum == 3 * steps * 2)
        }

        /// A thread that is moved between finding its CPU and taking its slot finds another.
        @Test(arguments: everyPolicy)
        func nothingIsLostWhileThreadsAreMoved(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let threads = (0..<2).map { index in
                TestThread {
                    var random = SeededRandom(5, thread: index)
                    for _ in 0..<500 {
                        _ = System.pinThread(to: Machine.cpus.randomElement(using: &random)!)
                        cell.slots.withLocal { value, _ in value += 1 }
                    }
                }
            }
            for thread in threads { thread.join() }
            let sum = try await onThread { cell.sum() }
            #expect(sum == 1000)
        }
    }
}
