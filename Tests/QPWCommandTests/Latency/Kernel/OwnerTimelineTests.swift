import Testing

@testable import QPWCommand

@Suite("When the owner was off its CPU, and for whom")
struct OwnerTimelineTests {
    private static let owner = 7

    private func timeline(_ events: (Int64, TraceEvent.Kind)...) -> OwnerTimeline {
        var timeline = OwnerTimeline(owner: Self.owner)
        for (time, kind) in events { timeline.add(TraceEvent(nanoseconds: time, kind: kind)) }
        return timeline
    }

    private func goes(to thread: Int, _ name: String) -> TraceEvent.Kind {
        .switched(from: Self.owner, wasRunnable: true, to: thread, name: name)
    }

    private func returns(from thread: Int) -> TraceEvent.Kind {
        .switched(from: thread, wasRunnable: false, to: Self.owner, name: "qpw-owner")
    }

    @Test("An absence lasts from the owner's switch to its return, and a work function is to blame")
    func workFunction() {
        let seen = timeline(
            (100, goes(to: 20, "kworker/1:2")), (110, .workStarted(function: "lru_add_drain_per_cpu")),
            (130, returns(from: 20)))
        #expect(
            seen.absences
                == [
                    OwnerTimeline.Absence(
                        begin: 100, end: 130, culprits: ["lru_add_drain_per_cpu"], kernelWork: 30)
                ])
        #expect(!seen.isOwnerAway)
    }

    @Test("A thread that runs no work function is to blame by its name")
    func thread() {
        let seen = timeline((100, goes(to: 30, "qpw/1")), (150, returns(from: 30)))
        #expect(seen.absences.map(\.culprits) == [["qpw/1"]])
        #expect(seen.absences.map(\.nanoseconds) == [50])
        #expect(seen.absences.map(\.kernelWork) == [0])
    }

    @Test("Several may run before the owner comes back; each counts once, and the idle thread never")
    func several() {
        let seen = timeline(
            (100, goes(to: 20, "kworker/1:2")), (101, .workStarted(function: "first")),
            (102, .workStarted(function: "second")), (103, .workStarted(function: "first")),
            (110, .switched(from: 20, wasRunnable: false, to: 30, name: "rcu_preempt")),
            (120, .switched(from: 30, wasRunnable: false, to: 0, name: "swapper/1")),
            (130, returns(from: 0)))
        #expect(seen.absences.map(\.culprits) == [["first", "second", "rcu_preempt"]])
        #expect(seen.absences.map(\.kernelWork) == [10])
    }

    @Test("An owner who goes to sleep was not driven out")
    func asleep() {
        let seen = timeline(
            (100, .switched(from: Self.owner, wasRunnable: false, to: 20, name: "kworker/1:2")),
            (110, .workStarted(function: "f")), (120, returns(from: 20)))
        #expect(seen.absences.isEmpty)
        #expect(!seen.isOwnerAway)
    }

    @Test("What runs while the owner is there, on whatever CPU, is nobody's fault")
    func owned() {
        let seen = timeline(
            (100, .workStarted(function: "f")), (110, goes(to: 20, "x")), (120, returns(from: 20)))
        #expect(seen.absences.map(\.culprits) == [["x"]])
    }

    @Test("Where events were lost an absence is not made up")
    func lost() {
        let seen = timeline(
            (100, goes(to: 20, "x")), (0, .lost), (200, returns(from: 30)), (300, goes(to: 20, "x")),
            (310, returns(from: 20)))
        #expect(seen.absences.map(\.begin) == [300])
        #expect(seen.lostEvents == 1)
    }

    @Test("A call takes the absences that began in it; earlier ones are forgotten, later ones stay")
    func window() {
        var seen = timeline(
            (100, goes(to: 20, "x")), (110, returns(from: 20)), (200, goes(to: 20, "x")),
            (260, returns(from: 20)), (300, goes(to: 20, "x")), (310, returns(from: 20)))
        #expect(seen.takeAbsences(from: 150, to: 250).map(\.begin) == [200])
        #expect(seen.takeAbsences(from: 0, to: 1000).map(\.begin) == [300])
        #expect(seen.takeAbsences(from: 0, to: 1000).isEmpty)
    }

    @Test("An owner who was driven out is away until he is seen to come back")
    func away() {
        #expect(timeline((100, goes(to: 20, "x"))).isOwnerAway)
    }
}
