import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    /// The lists after random operations are the model's, whatever the policy and however the batches come to be moved.
    @Suite struct ModelTests {
        private static let seed: UInt64 = 20_261_124

        @Test(arguments: everyPolicy) func agreesWithTheModel(policy: QPWPolicy) async throws {
            try await onThread(on: Machine.first) {
                var walk = RandomWalk(Lists(policy, heavyWeight: 50), seed: Self.seed)
                for _ in 0..<2500 { try walk.step() }
                walk.end()
            }
        }

        @Test func agreesWithTheModelOnTwoNodes() async throws {
            try await onThread(on: Machine.first) {
                var walk = RandomWalk(
                    Lists(.queue, topology: Machine.withTwoNodes, heavyWeight: 50), seed: Self.seed)
                for _ in 0..<2500 { try walk.step() }
                walk.end()
            }
        }

        /// A model that forgets one of 31 activations: the comparison must notice.
        @Test func theBrokenTwinIsCaught() async throws {
            try await onThread(on: Machine.first) {
                var walk = RandomWalk(Lists(.queue, heavyWeight: 50), seed: Self.seed)
                walk.forgetsActivations = true
                #expect(throws: RandomWalk.Disagreement.self) {
                    for _ in 0..<2500 { try walk.step() }
                }
                walk.end()
            }
        }
    }
}
