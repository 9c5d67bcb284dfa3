import Foundation
import QPW

/// How a thread of a torture is scheduled: several kinds, so that holders are preempted by those who wait for them.
enum Scheduling: CaseIterable, Sendable {
    case ordinary
    case lowered
    case realTime

    /// The first two threads, which may be the fastest, are ordinary; then they take turns.
    init(thread: Int) {
        self = thread < 2 ? .ordinary : Self.allCases[(thread - 1) % Self.allCases.count]
    }

    private static let niceness: Int32 = 5
    private static let priority: Int32 = 1

    /// Makes the calling thread so; the reason if the system does not allow it.
    func enter() -> String? {
        switch self {
        case .ordinary: return nil
        case .lowered:
            #if os(Linux) && !QPW_PORTABLE
            // Of one thread: Linux gives each its own.
            return setpriority(
                __priority_which_t(PRIO_PROCESS.rawValue), id_t(System.threadID()), Self.niceness) == 0
                ? nil : "left out: threads of lower priority (\(Self.lastError))"
            #else
            return nil
            #endif
        case .realTime:
            var parameter = sched_param()
            parameter.sched_priority = Self.priority
            let error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter)
            return error == 0
                ? nil : "left out: real-time threads (\(String(cString: strerror(error))))"
        }
    }

    private static var lastError: String { String(cString: strerror(errno)) }

    /// After some steps a real-time thread lets others have its CPU.
    func rest() {
        if self == .realTime { System.sleep(nanoseconds: 300_000) }
    }
}
