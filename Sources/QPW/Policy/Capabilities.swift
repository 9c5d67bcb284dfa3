/// What the system offers the protocols, found out once by trying.
package struct Capabilities: Sendable {
    /// Something the system has, or the reason why not.
    package enum Availability: Sendable, Equatable {
        case available
        case missing(String)

        package var reason: String? {
            if case .missing(let reason) = self { reason } else { nil }
        }
    }

    /// Restartable sequences that the kernel was seen to restart.
    package var rseq: Availability
    /// A membarrier that restarts them on one CPU.
    package var membarrier: Availability
    /// Whether there are CPUs to speak of: false where slots belong to hashed threads.
    package var cpus: Availability

    package init(
        rseq: Availability = .available, membarrier: Availability = .available,
        cpus: Availability = Self.cpusOfBackend
    ) {
        self.rseq = rseq
        self.membarrier = membarrier
        self.cpus = cpus
    }

    /// Known at compile time: no probe and no test can give the portable backend CPUs.
    package static var cpusOfBackend: Availability {
        #if os(Linux) && !QPW_PORTABLE
        .available
        #else
        .missing("the portable backend knows no CPUs: every policy behaves as lock")
        #endif
    }

    /// A mechanism in place of one that the system cannot carry out; `policy` is nil where its name still fits.
    func standIn(
        for wanted: (local: LocalLock, remote: RemoteProtocol)
    ) -> (local: LocalLock, remote: RemoteProtocol, policy: QPWPolicy?, reason: String?) {
        #if QPW
        if let reason = cpus.reason { return (.atomic, .inline, .lock, reason) }
        #else
        if let reason = cpus.reason { return (.atomic, .inline, .queue, reason) }
        #endif
        // Restartable sequences without membarrier would leave a slot whose worker cannot reach its CPU to nobody.
        guard wanted.local == .rseq, let reason = rseq.reason ?? membarrier.reason else {
            return (wanted.local, wanted.remote, nil, nil)
        }
        #if QPW
        if wanted.remote == .fence { return (.atomic, .inline, .lock, reason) }
        #endif
        return (.atomic, wanted.remote, nil, reason)
    }
}
