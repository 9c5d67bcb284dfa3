#if os(Linux)
import QPW
import Synchronization

/// The housekeeper of a phase: has the owner prepare, calls, and takes from the trace what happened meanwhile.
struct KernelCaller {
    private let subjects: [KernelSubject]
    private let baton: KernelBaton
    private let trace: TraceInstance
    private let stall: Int64
    private var timeline: OwnerTimeline
    private var number = 0
    var samples: [CallSamples]

    /// Before a call, for the owner to be computing again; after it, for it to come back and for the trace to say so.
    private static let settling: Int64 = 300_000
    /// How long an owner who was driven out is waited for.
    private static let patience: Int64 = 50_000_000

    init(subjects: [KernelSubject], baton: KernelBaton, trace: TraceInstance, stall: Duration) {
        self.subjects = subjects
        self.baton = baton
        self.trace = trace
        self.stall = stall.nanoseconds
        timeline = OwnerTimeline(owner: baton.identity.load(ordering: .acquiring))
        samples = subjects.map { _ in CallSamples() }
    }

    /// What could not be called, and what the trace missed.
    var notes: [String] {
        let failures = zip(subjects, samples).compactMap { subject, samples in
            samples.failure.map { "left out: \(subject.label): \($0)" }
        }
        let lost = timeline.lostEvents
        return failures + (lost == 0 ? [] : ["the trace lost events, times: \(lost)"])
    }

    /// Round by round, and one round at least.
    mutating func run(for duration: Duration, showing title: String) {
        let begun = MonotonicClock.now()
        let end = begun + duration.nanoseconds
        let progress = Progress()
        _ = trace.read()
        repeat {
            for index in subjects.indices where samples[index].failure == nil {
                guard call(index) else { return progress.clear() }
                let seconds = (MonotonicClock.now() - begun) / 1_000_000_000
                progress.show("measuring, \(title): \(seconds) s of \(Int(duration / .seconds(1))) s")
            }
        } while MonotonicClock.now() < end
        progress.clear()
    }

    /// False if the run is to end.
    private mutating func call(_ index: Int) -> Bool {
        number += 1
        let due = number
        baton.subject.store(index, ordering: .relaxed)
        baton.due.store(due, ordering: .releasing)
        guard baton.spin(until: { baton.ready.load(ordering: .acquiring) == due }) else { return false }
        settle()
        let begun = MonotonicClock.now()
        let outcome = subjects[index].call()
        let ended = MonotonicClock.now()
        awaitOwner(until: ended + Self.patience)
        baton.over.store(due, ordering: .releasing)
        samples[index].add(
            outcome, waited: ended - begun, hasStalled: ended - begun > stall,
            absences: timeline.takeAbsences(from: begun, to: ended))
        return true
    }

    /// An absence counts once it is over; the trace may be behind.
    private mutating func awaitOwner(until limit: Int64) {
        repeat {
            settle()
            for event in trace.read() { timeline.add(event) }
        } while timeline.isOwnerAway && MonotonicClock.now() < limit
    }

    private func settle() {
        let end = MonotonicClock.now() + Self.settling
        while MonotonicClock.now() < end {}
    }
}
#endif
