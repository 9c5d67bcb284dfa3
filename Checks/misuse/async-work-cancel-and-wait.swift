// expect: is unavailable from asynchronous contexts
import QPW

func wait(_ work: PerCPUWork) async {
    work.cancelAndWait()
}
