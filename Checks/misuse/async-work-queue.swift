// expect: is unavailable from asynchronous contexts
import QPW

func submit(_ work: PerCPUWork) async {
    work.queue(on: work.cpu)
}
