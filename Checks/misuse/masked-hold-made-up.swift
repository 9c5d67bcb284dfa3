// expect: initializer is inaccessible due to 'fileprivate' protection level
import QPW

// Only a lock knows which signals were blocked before it.
func restore(_ lock: QPWLock, _ cpu: CPU) {
    lock.unlockLocal(QPWLock.MaskedHold(cpu: cpu, signalsBefore: .init()))
}
