#if os(Linux) && !QPW_PORTABLE
/// What a person should take away from a run of `--kernel`: only what the figures say.
struct KernelConclusion {
    private typealias Result = KernelReport.Result

    /// Work functions that drain a CPU's batches of pages (mm/swap.c, mm/mlock.c, fs/buffer.c).
    private static let drains = ["lru_add_drain", "bh_lru", "invalidate_bh"]

    private let ordinary: [Result]
    private let fifo: [Result]

    init(_ phases: [KernelReport.Phase]) {
        ordinary = phases.first { $0.priority == nil }?.results ?? []
        fifo = phases.first { $0.priority != nil }?.results ?? []
    }

    var text: String {
        guard ordinary.contains(where: { $0.side == .kernel }) else {
            return "Nothing was called, so there is nothing to say of this kernel."
        }
        return [disturbance, comparison, stall].compactMap { $0 }.joined(separator: " ")
    }

    /// In which calls a drain ran on the owner's CPU.
    static func drainingCalls(_ result: KernelReport.Result) -> Int {
        result.culprits.filter { culprit in drains.contains { culprit.name.hasPrefix($0) } }
            .map(\.calls).max() ?? 0
    }

    private var disturbance: String {
        let calls = (ordinary + fifo).filter { $0.side == .kernel }
        let draining = calls.filter { Self.drainingCalls($0) > 0 }
        guard !draining.isEmpty else {
            let count = calls.reduce(0) { $0 + $1.calls }
            return "This kernel is quiet already: in \(count) calls no drain ran on the owner's CPU."
        }
        let parts = ordinary.filter { $0.side == .kernel && Self.drainingCalls($0) > 0 }.map { result in
            "in \(Self.drainingCalls(result)) of \(result.calls) calls of \(result.name) a drain took the "
                + "owner's CPU, for \(Figures.time(nanoseconds: result.kernelWorkp50ns)) (median)"
        }
        return "Today's kernel: " + parts.joined(separator: "; ") + "."
    }

    private var comparison: String? {
        let own = ordinary.filter { $0.side == .library }
        guard !own.isEmpty else { return nil }
        let parts = own.map { "\($0.name) \(Figures.ratio($0.switchesPerCall))" }
        return "A drain by this library switches the owner out, times a call: "
            + "\(parts.joined(separator: ", "))."
    }

    private var stall: String? {
        let waits = fifo.filter { $0.side == .kernel }
        guard !waits.isEmpty else { return nil }
        let parts = waits.map { result in
            "of \(result.name) \(Figures.time(nanoseconds: result.waitp50ns)) (median; "
                + "\(Figures.time(nanoseconds: result.waitmaxns)) at most)"
        }
        return "With an owner under SCHED_FIFO the caller waits: \(parts.joined(separator: ", "))."
    }
}
#endif
