import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
#if os(Linux) && !QPW_PORTABLE
import CQPW

// The priority-inheriting lock: `owner` is a futex that holds the holder's thread id, as futex(2) describes. Who waits
// lends the holder his priority. The release is a compare-and-exchange, since a store would erase the bit by which the
// kernel says that somebody waits.
extension SlotTable {
    func acquireInheriting(_ slot: Slot, _ deadline: Int64?) -> Bool {
        if exchangeOwner(slot, System.threadID()) { return true }
        noteContention(slot)
        var backoff = Backoff()
        while true {
            switch qpw_futex_lock_pi(slot.owner, deadline ?? -1) {
            case 0:
                // The kernel has written the word: this is what orders the body after the last holder's.
                _ = slot.owner.pointee.load(ordering: .acquiring)
                return true
            case -ETIMEDOUT: return false
            case -EINTR, -EAGAIN: continue
            case -ENOSYS:
                // A kernel before 5.14 has no time-out on the monotonic clock: poll until ours.
                if exchangeOwner(slot, System.threadID()) { return true }
                if deadline.hasPassed { return false }
                backoff.pause { System.sleep(nanoseconds: $0) }
            case -EDEADLK:
                trap("'\(name)' is taken on \(slot.cpu) by the thread that holds it already. Leave it first.")
            case let error:
                trap(
                    "the holder of '\(name)' on \(slot.cpu) cannot be waited for (error \(-error)): "
                        + "a thread may have ended while it held the slot.")
            }
        }
    }

    func releaseInheriting(_ slot: Slot) {
        let uncontended = slot.owner.pointee.compareExchange(
            expected: System.threadID(), desired: Owner.free, ordering: .releasing)
        if uncontended.exchanged { return }
        // The kernel is about to: this is what orders the next holder's body after this one.
        slot.owner.pointee.bitwiseOr(0, ordering: .releasing)
        let error = qpw_futex_unlock_pi(slot.owner)
        if error != 0 {
            trap("'\(name)' is left on \(slot.cpu) by a thread that does not hold it (error \(-error)).")
        }
    }
}
#else
extension SlotTable {
    /// No policy of the portable backend uses this lock.
    func acquireInheriting(_ slot: Slot, _ deadline: Int64?) -> Bool {
        trap("priority inheritance needs Linux futexes")
    }

    func releaseInheriting(_ slot: Slot) {}
}
#endif
