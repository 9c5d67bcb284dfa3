import QPWTestSupport
import Testing

@testable import QPW

@Suite struct PolicyInForceTests {
    /// Everything, whatever backend the tests run on: the choice is a pure function.
    private static let full = Capabilities(cpus: .available)

    private static func inForce(_ policy: QPWPolicy, _ capabilities: Capabilities) -> PolicyInForce {
        PolicyInForce(policy, chosenBy: .argument, capabilities: capabilities)
    }

    @Test(arguments: everyPolicy)
    func withEverythingAPolicyIsItself(policy: QPWPolicy) {
        let inForce = Self.inForce(policy, Self.full)
        #expect(inForce.requested == policy)
        #expect(inForce.policy == policy)
        #expect(inForce.reason == "asked for by the structure")
        #expect(inForce.description == "\(policy) (\(inForce.local), \(inForce.remote)): \(inForce.reason)")
    }

    @Test func mechanismsAreTheTableOfTheDesign() {
        func mechanism(_ policy: QPWPolicy) -> (LocalLock, RemoteProtocol) {
            let inForce = Self.inForce(policy, Self.full)
            return (inForce.local, inForce.remote)
        }
        #expect(mechanism(.queue) == (.rseq, .queue))
        #if QPW
        #expect(mechanism(.lock) == (.atomic, .inline))
        #expect(mechanism(.fence) == (.rseq, .fence))
        #expect(mechanism(.deferred(escalateAfter: nil)) == (.rseq, .deferred(escalateAfter: nil)))
        #expect(mechanism(.rtQueue) == (.priorityInheriting, .queue))
        #expect(mechanism(.rtLock) == (.priorityInheriting, .inline))
        #expect(mechanism(.automatic) == (.rseq, .fence))
        #endif
    }

    static let lacking: [Capabilities] = [
        Capabilities(rseq: .missing("no sections here"), cpus: .available),
        Capabilities(membarrier: .missing("no fence here"), cpus: .available),
        Capabilities(
            rseq: .missing("no sections here"), membarrier: .missing("no fence here"), cpus: .available),
    ]

    @Test(arguments: everyPolicy, lacking.indices)
    func withoutSectionsOrFenceAtomicsStandIn(policy: QPWPolicy, index: Int) {
        let capabilities = Self.lacking[index]
        let inForce = Self.inForce(policy, capabilities)
        let full = Self.inForce(policy, Self.full)
        #expect(inForce.requested == policy)
        guard full.local == .rseq else {
            #expect(inForce.local == full.local && inForce.remote == full.remote && inForce.policy == policy)
            return
        }
        #expect(inForce.local == .atomic)
        #expect(inForce.reason.contains(index == 1 ? "no fence here" : "no sections here"))
        if full.remote == .fence {
            #expect(inForce.remote == .inline)
            #expect(inForce.policy.name == "lock")
        } else {
            #expect(inForce.remote == full.remote)
            #expect(inForce.policy == policy)
        }
    }

    @Test(arguments: everyPolicy)
    func withoutCPUsEverythingIsALock(policy: QPWPolicy) {
        let inForce = Self.inForce(policy, Capabilities(cpus: .missing("no CPUs here")))
        #expect(inForce.local == .atomic)
        #expect(inForce.remote == .inline)
        #expect(inForce.reason.contains("no CPUs here"))
        #if QPW
        #expect(inForce.policy == .lock)
        #endif
    }

    @Test(arguments: everyPolicy)
    func thisMachineSaysWhatItLacks(policy: QPWPolicy) {
        let slots = PerCPU<Int>("numbers", policy: policy) { _ in 0 }
        let inForce = slots.inForce
        let lack = Capabilities.system.cpus.reason ?? Capabilities.system.rseq.reason
        if inForce.local != Self.inForce(policy, Self.full).local, let lack {
            #expect(inForce.reason.contains(lack))
        }
        if Machine.hasThreadSanitizer, !Machine.isPortable {
            #expect(Capabilities.system.rseq.reason?.contains("thread sanitizer") == true)
        }
    }
}

extension CoreTests {
    /// Structures on a machine that lacks something work all the same.
    @Suite struct MissingCapabilitiesTests {
        @Test(arguments: everyPolicy, PolicyInForceTests.lacking.indices)
        func stillExcludes(policy: QPWPolicy, index: Int) async throws {
            var capabilities = PolicyInForceTests.lacking[index]
            // What is no CPU cannot be made one.
            capabilities.cpus = Capabilities.system.cpus
            let lacking = capabilities
            let seconds = Torture.usualSeconds / 4
            let first = try await onThread {
                Torture(seed: 3, seconds: seconds).run(PerCPUExclusion(policy, capabilities: lacking))
            }
            #expect(first.isSound, "\(first)")
            let second = try await onThread {
                Torture(mix: .pingPong, seconds: seconds).run(
                    QPWLockExclusion(policy, capabilities: lacking))
            }
            #expect(second.isSound, "\(second)")
        }
    }
}
