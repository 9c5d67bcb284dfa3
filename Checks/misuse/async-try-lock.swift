// expect: is unavailable from asynchronous contexts
import QPW

func hold(_ lock: QPWLock) async {
    _ = lock.tryLock()
}
