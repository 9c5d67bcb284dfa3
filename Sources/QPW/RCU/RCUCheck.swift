import CQPW

// In debug builds a thread remembers the read sections that it is in, so that waiting for itself traps where
// it is done.
extension RCUEngine {
    func assertReading() {
        #if DEBUG
        if !qpw_rcu_is_reading(RCUThread.current(), address) {
            trap("assertReading: this thread does not read '\(name)'. Put the access into read { }.")
        }
        #endif
    }

    /// Traps in debug builds where a thread that waits would wait for itself or for a slot's waiter.
    func mayWait(_ operation: StaticString) {
        #if DEBUG
        LockCheck.mayBlock(operation, name)
        if qpw_rcu_is_reading(RCUThread.current(), address) {
            trap(
                "\(operation) in a read section of '\(name)' waits for its own end. Leave the section "
                    + "first, or use call { }, which does not wait.")
        }
        #endif
    }

    /// Traps in a callback: the thread that would run what the caller waits for is the caller's.
    func mayWaitForCallbacks(_ operation: StaticString) {
        mayWait(operation)
        if Self.isInCallback {
            trap("\(operation) on '\(name)' in a callback waits for its own end. Do it in a task of its own.")
        }
    }

    #if DEBUG
    func noteEnter() {
        qpw_rcu_note_enter(RCUThread.current(), address)
    }

    func noteLeave() {
        if !qpw_rcu_note_leave(RCUThread.current(), address) {
            trap("a thread leaves a read section of '\(name)' and is in none. Enter and leave on one thread.")
        }
    }

    private var address: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }
    #endif
}
