// expect: is unavailable from asynchronous contexts
import QPW

func wait(_ queue: WorkQueue) async {
    queue.drain()
}
