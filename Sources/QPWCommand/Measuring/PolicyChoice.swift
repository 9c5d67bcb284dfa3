import ArgumentParser
import QPW

/// A policy, by the name that the user gave it.
struct PolicyChoice: ExpressibleByArgument, Hashable {
    let name: String
    let policy: QPWPolicy

    init?(argument: String) {
        guard let policy = QPWPolicy(argument) else { return nil }
        name = argument == "0" || argument == "1" ? policy.name : argument
        self.policy = policy
    }

    static var allValueStrings: [String] { all.map(\.name) }

    /// Every policy that this build has, `deferred` with its default deadline.
    static let all = ["queue", "lock", "fence", "deferred", "rtQueue", "rtLock", "automatic"]
        .compactMap(PolicyChoice.init(argument:))

    /// What becomes of it on this machine.
    var inForce: PolicyInForce { PolicyInForce(policy, chosenBy: .argument, capabilities: .system) }

    /// Whether it is carried out as itself, with no other policy in its place.
    var isCarriedOut: Bool { inForce.policy == policy }
}

extension [PolicyChoice] {
    var withoutRepetitions: [PolicyChoice] {
        var seen: Set<PolicyChoice> = []
        return filter { seen.insert($0).inserted }
    }
}
