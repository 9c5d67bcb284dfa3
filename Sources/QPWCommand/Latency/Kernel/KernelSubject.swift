import QPW

/// One line of the result: something that is called elsewhere while the owner is busy.
struct KernelSubject: Sendable {
    enum Side: String, Sendable, Encodable {
        case kernel, library, idle
    }

    enum Outcome: Sendable, Equatable {
        case done
        case failed(String)
    }

    let label: String
    let side: Side
    /// What the owner does before each call, so that there is something to drain on its CPU.
    let prepare: @Sendable () -> Void
    /// What the owner goes on doing now and then.
    let use: @Sendable () -> Void
    /// What the housekeeper does.
    let call: @Sendable () -> Outcome
}

extension KernelSubject {
    /// How long nothing is called on behalf of the idle line.
    static let idleTime: Duration = .milliseconds(5)

    static let idle = KernelSubject(
        label: "idle", side: .idle, prepare: {}, use: {},
        call: {
            let end = MonotonicClock.now() + idleTime.nanoseconds
            while MonotonicClock.now() < end {}
            return .done
        })
}
