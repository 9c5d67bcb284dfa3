import Foundation
import QPW
import Synchronization

/// What the owner and the housekeeper tell each other: the number of the call that is due, ready, and over.
///
/// field    | who writes      | memory order
/// ---------|-----------------|--------------------------------------------------
/// due      | the housekeeper | store release; loaded acquire
/// ready    | the owner       | store release; loaded acquire
/// over     | the housekeeper | store release; loaded acquire
/// subject  | the housekeeper | relaxed: `due` hands it over
/// identity | the owner, once | store release; loaded acquire; zero before
/// failure  | the owner, once | as `identity`, which comes after
final class KernelBaton: Sendable {
    let due = Atomic<Int>(0)
    let ready = Atomic<Int>(0)
    let over = Atomic<Int>(0)
    let subject = Atomic<Int>(0)
    let identity = Atomic<Int>(0)
    let failure = Atomic<Int32>(0)
    let isStopped = Atomic<Bool>(false)

    /// Spins until `condition`, or until the run is to end: true if it holds.
    func spin(until condition: () -> Bool) -> Bool {
        while !condition() {
            if isStopped.load(ordering: .relaxed) || Interruption.hasCome { return false }
        }
        return true
    }
}

/// The thread that computes on its CPU and is to be left alone there.
struct KernelOwner: Sendable {
    let subjects: [KernelSubject]
    let cpu: CPU
    let scheduling: OwnerScheduling
    /// After so long in one call the owner sleeps for a moment: no kernel worker may wait for it for ever.
    let patience: Duration
    let baton: KernelBaton
    let clock = CycleClock.calibrated

    /// The owner's longest gap in each call, in nanoseconds, by subject.
    typealias Result = [[UInt64]]

    private static let nap: Int64 = 10_000_000
    /// The default of `--touch`.
    private static let interval: Duration = .microseconds(100)

    func run() -> Result {
        var longestGaps = Result(repeating: [], count: subjects.count)
        guard takePlace() else { return longestGaps }
        var number = 0
        while awaitCall(after: number) {
            number += 1
            let subject = baton.subject.load(ordering: .relaxed)
            subjects[subject].prepare()
            baton.ready.store(number, ordering: .releasing)
            let longest = spin(through: number, subjects[subject].use)
            longestGaps[subject].append(clock.nanoseconds(longest))
        }
        return longestGaps
    }

    private func takePlace() -> Bool {
        System.nameThread("qpw-owner")
        var error: Int32 = System.pinThread(to: cpu) ? 0 : EINVAL
        if case .fifo(let priority) = scheduling, error == 0 {
            var parameter = sched_param()
            parameter.sched_priority = Int32(priority)
            error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter)
        }
        baton.failure.store(error, ordering: .relaxed)
        baton.identity.store(Int(System.threadID()), ordering: .releasing)
        return error == 0
    }

    private func awaitCall(after number: Int) -> Bool {
        while baton.due.load(ordering: .acquiring) == number {
            if baton.isStopped.load(ordering: .relaxed) { return false }
        }
        return true
    }

    /// Reads the clock until the call is over; returns the longest gap in it, but for naps and for what `use` takes.
    @inline(never)
    private func spin(through number: Int, _ use: () -> Void) -> UInt64 {
        let patience = clock.cycles(patience)
        let interval = clock.cycles(Self.interval)
        var longest: UInt64 = 0
        var last = CycleClock.now()
        var limit = last + patience
        var nextUse = last + interval
        while baton.over.load(ordering: .acquiring) < number && !baton.isStopped.load(ordering: .relaxed) {
            let now = CycleClock.now()
            longest = max(longest, CycleClock.elapsed(from: last, to: now))
            last = now
            guard now > nextUse else { continue }
            use()
            if now > limit {
                System.sleep(nanoseconds: Self.nap)
                limit = CycleClock.now() + patience
            }
            last = CycleClock.now()
            nextUse = last + interval
        }
        return longest
    }
}
