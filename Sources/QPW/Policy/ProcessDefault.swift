import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The process-wide default policy: open until it is first used, then fixed.
///
/// It is fixed because a structure's policy cannot change under a held lock, and two structures that were made with
/// "the default" should be alike.
final class ProcessDefault: Sendable {
    static let shared = ProcessDefault()

    private enum State {
        case open
        case fixed(QPWPolicy, PolicySource)
    }

    private let state = Guarded(State.open)

    func bootstrap(_ policy: QPWPolicy) {
        state.withLock { state in
            if case .fixed(let earlier, let source) = state {
                trap(
                    "QPWPolicy.bootstrap(.\(policy)) came too late: the process default is already \(earlier) "
                        + "(\(source.rawValue)). Call it once, before the first per-CPU structure is made.")
            }
            state = .fixed(policy, .bootstrap)
        }
    }

    func fix() -> (policy: QPWPolicy, source: PolicySource) {
        state.withLock { state in
            if case .fixed(let policy, let source) = state { return (policy, source) }
            let choice = Self.choose(environment: getenv("QPW").map { String(cString: $0) })
            if let warning = choice.warning { warn(warning) }
            state = .fixed(choice.policy, choice.source)
            return (choice.policy, choice.source)
        }
    }

    /// The default without a bootstrap, and what to say about an environment variable that names no policy.
    package static func choose(
        environment: String?
    ) -> (policy: QPWPolicy, source: PolicySource, warning: String?) {
        var warning: String?
        if let text = environment {
            if let policy = QPWPolicy(text) { return (policy, .environment, nil) }
            warning = "invalid qpw parameter: \(text), ignoring."
        }
        #if QPWDefault
        return (.lock, .trait, warning)
        #elseif QPW
        return (.automatic, .builtIn, warning)
        #else
        return (.queue, .builtIn, warning)
        #endif
    }
}
