/// How the owner of a slot takes it.
@frozen
public enum LocalLock: UInt32, Sendable {
    /// A restartable sequence: no atomic instruction.
    case rseq
    /// One compare-and-exchange; a plain store releases it.
    case atomic
    /// A priority-inheriting futex: a compare-and-exchange to take it and one to release it.
    case priorityInheriting
}

/// How work that another CPU wants done on a slot gets done.
public enum RemoteProtocol: Hashable, Sendable, CustomStringConvertible {
    /// A worker on that CPU runs it.
    case queue
    /// The caller runs it under the slot's lock.
    case inline
    /// The caller claims the slot with a membarrier and runs it.
    case fence
    /// The owner runs it when it next leaves the slot; after the deadline the caller does.
    case deferred(escalateAfter: Duration?)
}

extension RemoteProtocol {
    /// The protocol's name; the deadline of `deferred` is in the policy's.
    public var description: String {
        switch self {
        case .queue: "queue"
        case .inline: "inline"
        case .fence: "fence"
        case .deferred: "deferred"
        }
    }
}

/// A policy as this machine carries it out, and the reason.
public struct PolicyInForce: Sendable, CustomStringConvertible {
    /// What was asked for.
    public let requested: QPWPolicy
    /// What is in force: `requested`, or what stands in for it where the system lacks what it needs.
    public let policy: QPWPolicy
    /// What the owner of a slot pays.
    public let local: LocalLock
    /// What a remote operation costs the owner.
    public let remote: RemoteProtocol
    /// Who chose the policy, and what the system lacked if another is in force.
    public let reason: String

    /// For example "fence (rseq, fence): asked for by the environment variable QPW".
    public var description: String {
        "\(policy) (\(local), \(remote)): \(reason)"
    }

    /// `policy` is nil where the process default is to be used.
    package init(askedFor policy: QPWPolicy?, capabilities: Capabilities) {
        if let policy {
            self.init(policy, chosenBy: .argument, capabilities: capabilities)
        } else {
            let (policy, source) = ProcessDefault.shared.fix()
            self.init(policy, chosenBy: source, capabilities: capabilities)
        }
    }

    package init(_ requested: QPWPolicy, chosenBy source: PolicySource, capabilities: Capabilities) {
        let wanted = Self.mechanism(of: requested)
        let standIn = capabilities.standIn(for: wanted)
        self.requested = requested
        local = standIn.local
        remote = standIn.remote
        policy = standIn.policy ?? requested
        reason = [source.rawValue, standIn.reason].compactMap { $0 }.joined(separator: "; ")
    }

    private static func mechanism(of policy: QPWPolicy) -> (local: LocalLock, remote: RemoteProtocol) {
        switch policy {
        case .queue: (.rseq, .queue)
        #if QPW
        case .lock: (.atomic, .inline)
        case .fence, .automatic: (.rseq, .fence)
        case .deferred(let limit): (.rseq, .deferred(escalateAfter: limit))
        case .rtQueue: (.priorityInheriting, .queue)
        case .rtLock: (.priorityInheriting, .inline)
        #endif
        }
    }
}

/// Who chose a policy; the raw value is the reason that a person reads.
package enum PolicySource: String, Sendable {
    case argument = "asked for by the structure"
    case bootstrap = "asked for by QPWPolicy.bootstrap"
    case environment = "asked for by the environment variable QPW"
    case trait = "the package trait QPWDefault"
    case builtIn = "the built-in default"
}
