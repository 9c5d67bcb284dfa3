import QPW

/// What a run of `qpw latency --kernel` was asked to do, all defaults resolved.
struct KernelSettings: Sendable {
    var cpus: CPUPair
    var bystanders: CPUSet
    var triggers: [KernelTrigger]
    var policies: [PolicyChoice]
    var duration: Duration
    var stall: Duration
    /// Of the second half, in which the owner is of real-time priority.
    var fifoPriority: Int
}

/// How the owner is scheduled while it is measured.
enum OwnerScheduling: Equatable, Sendable {
    case ordinary
    case fifo(priority: Int)

    var name: String {
        switch self {
        case .ordinary: "ordinary"
        case .fifo: "fifo"
        }
    }
}
