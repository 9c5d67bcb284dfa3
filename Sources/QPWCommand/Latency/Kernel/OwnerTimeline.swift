/// The times that the owner was off its CPU, and what ran there meanwhile, out of the events of that CPU.
struct OwnerTimeline {
    struct Absence: Equatable {
        var begin: Int64
        var end: Int64
        /// Work functions, and the names of threads that ran none: each once, in order.
        var culprits: [String]
        /// For how long of it threads had the CPU that ran work functions.
        var kernelWork: Int64 = 0

        var nanoseconds: Int64 { end - begin }
    }

    private let owner: Int
    /// Those that are over.
    private(set) var absences: [Absence] = []
    private(set) var lostEvents = 0

    /// The one that is under way.
    private var current: Absence?
    private var guest: Guest?

    /// Who has the CPU while the owner is off it.
    private struct Guest {
        var name: String
        var begin: Int64
        var hasRunWork = false
    }

    init(owner: Int) {
        self.owner = owner
    }

    mutating func add(_ event: TraceEvent) {
        switch event.kind {
        case .switched(let from, let wasRunnable, let to, let name):
            leave(from, wasRunnable, event.nanoseconds)
            enter(to, name, event.nanoseconds)
        case .workStarted(let function): blame(function)
        case .lost:
            // Whether the owner is there, nobody knows: the next switch says.
            lostEvents += 1
            current = nil
            guest = nil
        }
    }

    /// Whether the owner was driven out, and has not been seen to come back.
    var isOwnerAway: Bool { current != nil }

    /// The absences that began in that time; those before it are forgotten.
    mutating func takeAbsences(from begin: Int64, to end: Int64) -> [Absence] {
        let taken = absences.filter { $0.begin >= begin && $0.begin <= end }
        absences.removeAll { $0.begin <= end }
        return taken
    }

    private mutating func leave(_ thread: Int, _ wasRunnable: Bool, _ time: Int64) {
        if let guest, current != nil {
            if guest.hasRunWork { current?.kernelWork += time - guest.begin } else { note(guest.name) }
        }
        guest = nil
        guard thread == owner else { return }
        // An owner who went to sleep was not driven out.
        current = wasRunnable ? Absence(begin: time, end: time, culprits: []) : nil
    }

    private mutating func enter(_ thread: Int, _ name: String, _ time: Int64) {
        guard thread == owner else {
            // The idle thread is nobody.
            guest = thread == 0 ? nil : Guest(name: name, begin: time)
            return
        }
        guard var absence = current else { return }
        absence.end = time
        absences.append(absence)
        current = nil
    }

    private mutating func blame(_ function: String) {
        guard current != nil else { return }
        guest?.hasRunWork = true
        note(function)
    }

    private mutating func note(_ name: String) {
        if current?.culprits.contains(name) == false { current?.culprits.append(name) }
    }
}
