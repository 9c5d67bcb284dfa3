// expect: is unavailable from asynchronous contexts
import QPW

func leave(_ lock: QPWLock) async {
    lock.unlock(CPU(0))
}
