// What a test cannot do in its own process: run without restartable sequences, under valgrind, or fork.
import QPW

let arguments = Array(CommandLine.arguments.dropFirst())

switch arguments.first {
case "selfcheck": selfCheck(rounds: arguments.contains("brief") ? 20 : 500)
case "current": sayCurrent()
case "bootstrap":
    QPWPolicy.bootstrap(.queue)
    sayCurrent()
case "fork" where arguments.count == 3:
    guard let policy = QPWPolicy(arguments[2]) else { fatalError("no policy \(arguments[2])") }
    forkAndReport(arguments[1], policy)
default:
    print("usage: QPWProbe selfcheck [brief] | current | bootstrap | fork WAY POLICY")
}

func sayCurrent() {
    print("requested \(QPWPolicy.current.requested): \(QPWPolicy.current)")
}
