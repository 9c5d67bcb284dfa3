import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    /// Nobody is in a slot beside another, whatever threads do.
    @Suite struct ExclusionTests {
        @Test(arguments: everyPolicy)
        func perCPUExcludes(policy: QPWPolicy) async throws {
            let verdict = try await onThread { Torture(seed: 1).run(PerCPUExclusion(policy)) }
            #expect(verdict.isSound, "\(verdict)")
        }

        @Test(arguments: everyPolicy)
        func qpwLockExcludes(policy: QPWPolicy) async throws {
            let verdict = try await onThread { Torture(seed: 2).run(QPWLockExclusion(policy)) }
            #expect(verdict.isSound, "\(verdict)")
        }

        @Test(arguments: everyPolicy)
        func anOwnerAndAHousekeeperExcludeEachOther(policy: QPWPolicy) async throws {
            let torture = Torture(mix: .pingPong, seconds: Torture.usualSeconds / 2)
            let first = try await onThread { torture.run(PerCPUExclusion(policy)) }
            #expect(first.isSound, "\(first)")
            let second = try await onThread { torture.run(QPWLockExclusion(policy)) }
            #expect(second.isSound, "\(second)")
        }
    }

    /// The same checks on locks that are broken: each must be caught.
    @Suite(.disabled(if: Machine.hasThreadSanitizer, "\(Machine.racesOnPurpose)"))
    struct BrokenExclusionTests {
        // Usually a few milliseconds. Long, since a loaded machine may give the two threads no time at once.
        private static let patience = 20.0
        /// One CPU seldom switches between two threads just where the lock is broken.
        private static let mixes: [Torture.Mix] =
            Machine.hasTwoCPUs ? [.everything, .pingPong] : [.everything]

        @Test(arguments: mixes)
        func noExclusionIsCaught(mix: Torture.Mix) async throws {
            let torture = Torture(mix: mix, seconds: Self.patience, stopsWhenCaught: true)
            let verdict = try await onThread { torture.run(NoExclusion()) }
            #expect(!verdict.isSound, "\(verdict)")
        }

        @Test(arguments: mixes)
        func testAndSetIsCaught(mix: Torture.Mix) async throws {
            let torture = Torture(mix: mix, seconds: Self.patience, stopsWhenCaught: true)
            let verdict = try await onThread { torture.run(TestAndSet()) }
            #expect(verdict.violations > 0, "\(verdict)")
        }

        #if os(Linux) && !QPW_PORTABLE
        @Test(.enabled(if: Machine.hasFence && Machine.hasTwoCPUs, "needs sections, membarrier and two CPUs"))
        func aClaimWithoutItsMembarrierIsCaught() async throws {
            let torture = Torture(mix: .pingPong, seconds: Self.patience, stopsWhenCaught: true)
            let verdict = try await onThread { torture.run(RawFence(fence: false)) }
            #expect(verdict.violations > 0, "\(verdict)")
        }

        /// The control: it is the membarrier that makes the difference.
        @Test(.enabled(if: Machine.hasFence, "needs sections and membarrier"))
        func aClaimWithItsMembarrierIsNot() async throws {
            let torture = Torture(mix: .pingPong)
            let verdict = try await onThread { torture.run(RawFence(fence: true)) }
            #expect(verdict.isSound, "\(verdict)")
        }
        #endif
    }
}
