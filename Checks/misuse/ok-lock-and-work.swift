// The twin of async-* of QPWLock, PerCPUWork and WorkQueue: the same calls from a thread.
import QPW

func hold(_ lock: QPWLock) {
    let cpu = lock.lockLocal()
    lock.unlockLocal(cpu)
    if let cpu = lock.tryLock() { lock.unlockAfterTry(cpu) }
    lock.lock(CPU(0))
    lock.unlock(CPU(0))
    let hold = lock.lockLocalMaskingSignals()
    lock.unlockLocal(hold)
}

func submit(_ lock: QPWLock, in queue: WorkQueue) {
    let work = PerCPUWork(lock, cpu: CPU(0)) { cpu in
        lock.lock(cpu)
        lock.unlock(cpu)
    }
    work.queue(on: CPU(0), in: queue)
    work.flush()
    work.cancelAndWait()
    queue.drain()
}
