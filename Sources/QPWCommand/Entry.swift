import Foundation

@main
enum Entry {
    static func main() {
        // A reader that went away ends the output, not the process by a signal.
        signal(SIGPIPE, SIG_IGN)
        exit(CommandLineRun.exitCode(for: Array(CommandLine.arguments.dropFirst())))
    }
}
