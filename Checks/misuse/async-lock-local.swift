// expect: is unavailable from asynchronous contexts
import QPW

// Between the two calls a task could suspend with the lock held.
func hold(_ lock: QPWLock) async {
    let cpu = lock.lockLocal()
    lock.unlockLocal(cpu)
}
