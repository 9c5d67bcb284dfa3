import CQPW
import QPW
import Synchronization

/// What readers, grace periods and callbacks cost.
enum RCUSubjects {
    static func all(_ suite: Suite, _ settings: BenchSettings) -> [Subject] {
        crewsOfOneAndTwo(settings).flatMap { crew in
            [
                .repeating(Read(), suite, "rcu/read", crew),
                calls(suite, crew),
                .repeatingSlowly(Synchronize(), suite, "rcu/synchronize", crew),
            ]
        }
    }

    /// With the callbacks that a round leaves: what is queued must be run some time.
    private static func calls(_ suite: Suite, _ crew: Crew) -> Subject {
        let call = Call()
        return Subject(suite: suite, name: "rcu/call", threads: crew.threads, unit: .nanoseconds) {
            let cost = crew.cost(of: call)
            call.domain.barrier()
            return cost / CycleClock.calibrated.cyclesPerNanosecond
        }
    }
}

private struct Read: Operation {
    let domain = RCUDomain("bench")

    @inline(__always)
    func perform(lane: Int) {
        domain.read { qpw_optimiser_barrier() }
    }
}

/// The form with a bound, so that a flood is paid for by those who make it: callbacks run as fast as they come.
struct Call: Operation {
    let domain = RCUDomain("bench")
    let ran = PerCPUCounterBox()

    @inline(__always)
    func perform(lane: Int) {
        domain.callOrHelp { [ran] in ran.counter.add() }
    }
}

/// Something for a callback to keep.
final class PerCPUCounterBox: Sendable {
    let counter = PerCPUCounter()
}

/// A grace period with no readers in the way, on CPUs that have had some.
private struct Synchronize: Operation {
    let domain = RCUDomain("bench")

    @inline(__always)
    func perform(lane: Int) {
        domain.read { qpw_optimiser_barrier() }
        domain.synchronize()
    }

}
