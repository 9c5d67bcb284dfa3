import CQPW
import QPW
import Synchronization

// requested | who asks        | read-modify-write
// seen      | the function    | relaxed: it is on one thread at a time, which is what is checked
// runners   | the function    | read-modify-write

/// Work for one CPU whose function sees how much was asked for before it was called.
final class TorturedWork: Sendable {
    private let counts: Counts
    private let work: PerCPUWork
    private let findings: Findings

    private final class Counts: Sendable {
        let requested = Atomic<Int>(0)
        let seen = Atomic<Int>(0)
        let runners = Atomic<Int>(0)
        let runs = Atomic<Int>(0)
    }

    var cpu: CPU { work.cpu }

    init(_ lock: QPWLock, _ cpu: CPU, _ findings: Findings) {
        let counts = Counts()
        self.counts = counts
        self.findings = findings
        work = PerCPUWork(lock, cpu: cpu) { cpu in Self.run(counts, lock, cpu, findings) }
    }

    private static func run(_ counts: Counts, _ lock: QPWLock, _ cpu: CPU, _ findings: Findings) {
        if counts.runners.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue != 1 {
            findings.note(.simultaneousRuns, on: cpu)
        }
        let requested = counts.requested.load(ordering: .acquiring)
        lock.lock(cpu)
        counts.runs.wrappingAdd(1, ordering: .relaxed)
        if requested & 7 == 0 { for _ in 0..<100 { qpw_pause() } }
        lock.unlock(cpu)
        if requested & 63 == 0 { yieldThread() }
        counts.seen.store(requested, ordering: .releasing)
        counts.runners.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    }

    /// Asks for one more; the number is what ``expect(_:by:)`` wants to be told.
    func request(after delay: Duration? = nil) -> Int {
        let number = counts.requested.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
        if let delay { work.queue(on: cpu, after: delay) } else { work.queue(on: cpu) }
        return number
    }

    func flush() { work.flush() }

    /// True if it was done within the time.
    func flush(within timeout: Duration) -> Bool {
        do throws(QPWTimeout) {
            try work.flush(timeout: timeout)
            return true
        } catch {
            return false
        }
    }

    /// From a task: the calling thread looks now and then whether it has come back.
    func flushInTask() {
        let isDone = DoneFlag()
        Task { [work] in
            await work.flush()
            isDone.raise()
        }
        while !isDone.isRaised { System.sleep(nanoseconds: 20_000) }
    }

    /// After a flush: what was asked for with that number has been seen by a run that has ended.
    func expect(_ number: Int, by actor: Actor) {
        if counts.seen.load(ordering: .acquiring) < number {
            findings.note(.unfinishedFlush, by: actor.number, on: cpu)
        }
    }

    /// For work that only the caller asks for.
    func cancel(by actor: Actor) {
        work.cancelAndWait()
        let runs = counts.runs.load(ordering: .relaxed)
        if counts.runners.load(ordering: .acquiring) != 0 {
            findings.note(.simultaneousRuns, by: actor.number, on: cpu)
        }
        yieldThread()
        if counts.runs.load(ordering: .relaxed) != runs {
            findings.note(.lateRun, by: actor.number, on: cpu)
        }
    }

    var plight: String {
        "\(counts.requested.load(ordering: .relaxed)) were asked for, \(counts.seen.load(ordering: .relaxed)) are done, "
            + "the function is on \(counts.runners.load(ordering: .relaxed)) threads"
    }

    /// At the end, when nobody asks any more.
    func audit() {
        flush()
        if counts.seen.load(ordering: .acquiring) != counts.requested.load(ordering: .acquiring) {
            findings.note(.lostRun, on: cpu)
        }
    }
}
