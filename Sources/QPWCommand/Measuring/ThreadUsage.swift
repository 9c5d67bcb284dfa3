import Foundation

/// How often the calling thread has left its CPU: because it waited, and because it was made to.
struct ThreadUsage: Sendable {
    var voluntarySwitches = 0
    var involuntarySwitches = 0

    /// Of the whole process where the system does not count by thread.
    static func now() -> ThreadUsage {
        var usage = rusage()
        #if os(Linux)
        // RUSAGE_THREAD, which headers show to GNU sources only.
        getrusage(.init(1), &usage)
        #else
        getrusage(RUSAGE_SELF, &usage)
        #endif
        return ThreadUsage(
            voluntarySwitches: Int(usage.ru_nvcsw), involuntarySwitches: Int(usage.ru_nivcsw))
    }

    mutating func add(from before: ThreadUsage, to after: ThreadUsage) {
        voluntarySwitches += after.voluntarySwitches - before.voluntarySwitches
        involuntarySwitches += after.involuntarySwitches - before.involuntarySwitches
    }
}
