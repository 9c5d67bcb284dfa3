import ArgumentParser

/// A kind of subject. A new one is a file that extends this, and its place in `all`.
struct TortureSuite: Sendable {
    enum Scope: Sendable {
        /// It is tortured under each policy.
        case policies
        /// Once: no policy makes a difference to it.
        case once
    }

    let name: String
    let scope: Scope
    let subject: @Sendable (TortureContext) -> TortureSubject

    static let all: [TortureSuite] = [.locks, .work, .rcu, .objects, .pages]
}

/// What `--suite` takes.
struct SuiteChoice: ExpressibleByArgument {
    let suites: [TortureSuite]

    init?(argument: String) {
        suites = argument == "all" ? TortureSuite.all : TortureSuite.all.filter { $0.name == argument }
        if suites.isEmpty { return nil }
    }

    static var allValueStrings: [String] { TortureSuite.all.map(\.name) + ["all"] }
}
