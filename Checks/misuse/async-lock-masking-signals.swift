// expect: is unavailable from asynchronous contexts
import QPW

func hold(_ lock: QPWLock) async {
    let hold = lock.lockLocalMaskingSignals()
    lock.unlockLocal(hold)
}
