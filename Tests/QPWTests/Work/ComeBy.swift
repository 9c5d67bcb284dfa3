@testable import QPW

extension QPWLock {
    /// What an owner does now and then: uses its lock, and runs what was left for it.
    func comeBy() {
        unlockLocal(lockLocal())
        safepoint()
    }
}
