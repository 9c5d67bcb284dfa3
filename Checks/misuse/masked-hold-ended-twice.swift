// expect: 'hold' consumed more than once
import QPW

func hold(_ lock: QPWLock) {
    let hold = lock.lockLocalMaskingSignals()
    lock.unlockLocal(hold)
    lock.unlockLocal(hold)
}
