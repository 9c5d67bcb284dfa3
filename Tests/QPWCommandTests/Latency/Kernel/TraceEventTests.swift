import Testing

@testable import QPWCommand

@Suite("Lines of the kernel's trace")
struct TraceEventTests {
    private static let owner =
        "       qpw-owner-3074    [001] d..2. 13343.356071: sched_switch: prev_comm=qpw-owner prev_pid=3074 "
        + "prev_prio=120 prev_state=R+ ==> next_comm=kworker/1:2 next_pid=18530 next_prio=120"

    @Test("A switch names both threads, and says whether the first wanted to go")
    func switched() {
        let event = TraceEvent(line: Self.owner)
        #expect(
            event
                == TraceEvent(
                    nanoseconds: 13_343_356_071_000,
                    kind: .switched(from: 3074, wasRunnable: true, to: 18530, name: "kworker/1:2")))
    }

    @Test("A thread that goes to sleep is not runnable", arguments: ["S", "D", "I", "X", "S|K"])
    func asleep(state: String) throws {
        let line = Self.owner.replacing("prev_state=R+", with: "prev_state=\(state)")
        let event = try #require(TraceEvent(line: line))
        #expect(event.kind == .switched(from: 3074, wasRunnable: false, to: 18530, name: "kworker/1:2"))
    }

    @Test("A work function begins")
    func workStarted() {
        let event = TraceEvent(
            line: "     kworker/1:2-18530   [001] .....   343.000001: workqueue_execute_start: "
                + "work struct 00000000c0ffee11: function lru_add_drain_per_cpu")
        #expect(
            event
                == TraceEvent(
                    nanoseconds: 343_000_001_000, kind: .workStarted(function: "lru_add_drain_per_cpu")))
    }

    @Test("Flags before the time may be missing, and a thread group may be there")
    func otherOptions() {
        let details = "workqueue_execute_start: work struct 0: function vmstat_update"
        for context in ["[001]   343.000001: ", "(   1234) [001] d..2.   343.000001: "] {
            let event = TraceEvent(line: "     kworker/1:2-18530   " + context + details)
            #expect(event?.kind == .workStarted(function: "vmstat_update"))
        }
    }

    @Test(
        "A thread's name may be anything",
        arguments: [
            "a b", "x [000] 1.0: y", "next_pid=7", "p prev_pid=1", "==> next_comm=", ": sched_switch:",
        ])
    func names(name: String) throws {
        let column = String(repeating: " ", count: 16 - name.utf8.count) + name
        let line =
            "\(column)-12      [003] d..2.     1.000002: sched_switch: prev_comm=\(name) prev_pid=12 prev_prio=120 "
            + "prev_state=R ==> next_comm=\(name) next_pid=13 next_prio=120"
        let event = try #require(TraceEvent(line: line))
        #expect(event.nanoseconds == 1_000_002_000)
        #expect(event.kind == .switched(from: 12, wasRunnable: true, to: 13, name: name))
    }

    @Test("Lost events are said to be lost")
    func lost() {
        #expect(TraceEvent(line: "CPU:1 [LOST 27 EVENTS]") == TraceEvent(nanoseconds: 0, kind: .lost))
    }

    @Test(
        "What is no event that is looked for is passed over",
        arguments: [
            "", " ", "# tracer: nop", "-", "[001]",
            "          <idle>-0       [001] d..2. 13343.356090: sched_waking: comm=x pid=1",
            "          <idle>-0       [001] d..2. 13343.356090: sched_switch: prev_comm=x",
            "          <idle>-0       [001] d..2. 13343.35609: workqueue_execute_start: work struct 0: function f",
            "          <idle>-0       [001] d..2. 99999999999999.000000: workqueue_execute_start: a: function f",
            "          <idle>-0       [001] d..2. noon: workqueue_execute_start: work struct 0: function f",
            "          <idle>-0       [001] d..2. 13343.356090: workqueue_execute_start: work struct 0",
            "          <idle>-0       [001] d..2. 13343.356090",
        ])
    func others(line: String) {
        #expect(TraceEvent(line: line) == nil)
    }

    @Test("A line that was cut anywhere is an event or none, and never a trap")
    func cut() {
        for length in 0...Self.owner.count { _ = TraceEvent(line: Self.owner.prefix(length)) }
        for length in 0...Self.owner.count { _ = TraceEvent(line: Self.owner.dropFirst(length)) }
    }
}
