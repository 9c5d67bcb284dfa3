import Foundation
import Synchronization

/// Ctrl-C and SIGTERM as a flag that a measurement looks at; a second one ends the process.
enum Interruption {
    /// What a shell reports of a command that Ctrl-C ended.
    static let exitCode: Int32 = 130

    private static let flag = Atomic<Bool>(false)

    static var hasCome: Bool { flag.load(ordering: .relaxed) }

    static func await() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                signal(number, SIG_DFL)
                Interruption.flag.store(true, ordering: .relaxed)
            }
        }
    }
}
