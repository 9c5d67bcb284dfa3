import ArgumentParser
import QPW

/// What `--busted` breaks, so that it can be seen to be caught.
enum Defect: String, CaseIterable, ExpressibleByArgument, Sendable {
    case noExclusion, earlyRelease, noFence, uncheckedClaim, lateGeneration, shortGracePeriod, lostWakeup
    case earlyFree, lostFree
    case partialDrain
    case earlyReclaim, doubleLoad, lateEviction, wrongEntry

    var suite: TortureSuite {
        switch self {
        case .noExclusion, .earlyRelease, .noFence, .uncheckedClaim: .locks
        case .lateGeneration, .lostWakeup: .work
        case .shortGracePeriod: .rcu
        case .earlyFree, .lostFree: .objects
        case .partialDrain, .earlyReclaim, .doubleLoad, .lateEviction, .wrongEntry: .pages
        }
    }

    var text: String {
        switch self {
        case .noExclusion: "no lock at all"
        case .earlyRelease: "the slot is left before the last store to its value"
        case .noFence: "a slot is claimed without a membarrier"
        case .uncheckedClaim: "the owner takes its slot without looking whether it is claimed"
        case .lateGeneration: "a drain advances the generation after it has looked at the CPUs"
        case .shortGracePeriod: "a grace period that had begun before is taken for enough"
        case .lostWakeup: "who waits is noted in another word than what is done"
        case .earlyFree: "an object that readers may see is freed at once"
        case .lostFree: "an object that its CPU's sheaves have no room for is forgotten"
        case .partialDrain: "a drain of the page lists leaves one CPU out"
        case .earlyReclaim: "a cache's value is freed as it is evicted, and not a grace period later"
        case .doubleLoad: "who misses a key of a cache loads it, whoever else does"
        case .lateEviction: "a cache evicts nothing before it holds twice its bound"
        case .wrongEntry: "who looks a key up in a cache is now and then given another key's value"
        }
    }

    /// By who looks for what was lost once all threads have ended.
    var isSeenAtTheEnd: Bool { self == .lostFree }

    /// Where it can be seen, unless the user says otherwise.
    var policy: PolicyChoice {
        #if QPW
        PolicyChoice(argument: "fence")!
        #else
        PolicyChoice(argument: "queue")!
        #endif
    }

    /// What it needs and this machine has not.
    func missing(under policy: PolicyChoice) -> String? {
        switch self {
        case .noFence, .uncheckedClaim:
            policy.inForce.remote == .fence
                ? nil : "\(rawValue) needs the policy fence to be carried out: \(policy.inForce.reason)"
        default: nil
        }
    }

    static var help: String {
        allCases.map { "\($0.rawValue): \($0.text)" }.joined(separator: "; ")
    }
}
