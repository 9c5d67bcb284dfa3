import QPW

/// What is tortured, and what its threads do.
struct TortureSubject: Sendable {
    /// The policy as this machine carries it out; nil where there is none.
    var inForce: PolicyInForce?
    /// Thread number i plays `roles[i % roles.count]`.
    var roles: [TortureRole]
    /// What a signal's handler does, on any thread, at any moment.
    var interrupt: @Sendable () -> Void = {}
    /// Looks, once all threads have ended, for what was lost.
    var audit: @Sendable (TortureContext) -> Void = { _ in }
    /// What a thread that does not come back is waiting for, as far as the subject knows.
    var plight: @Sendable (Actor, CPU?) -> String? = { _, _ in nil }
    /// Lets go who sleeps for ever in something broken.
    var rescue: @Sendable () -> Void = {}
}

/// What one or more threads of a torture do, step by step.
struct TortureRole: Sendable {
    enum Place: Sendable {
        /// It stays on one CPU.
        case settled(CPU)
        /// It is moved about.
        case roaming
    }

    let name: String
    var place = Place.roaming
    let step: @Sendable (Actor, inout SeededRandom) -> Void
}

/// What a suite needs to know to make its subject, and where it says what it found.
struct TortureContext: Sendable {
    var policy: PolicyChoice
    var defect: Defect?
    var threads: Int
    var seed: UInt64
    /// The CPUs that threads may be moved to.
    var cpus: [CPU]
    var findings: Findings
    var actors: [Actor] = []

    /// Where an owner and a housekeeper are as far apart as they can be.
    var ownerCPU: CPU { cpus[cpus.count - 1] }
    var housekeeperCPU: CPU { cpus[0] }
}
