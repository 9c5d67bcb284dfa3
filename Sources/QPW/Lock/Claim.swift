#if QPW && os(Linux) && !QPW_PORTABLE
import CQPW
import Synchronization

// Claiming: how a slot whose owner uses no atomic instruction is taken from elsewhere.
//
// The owner's fast path is a restartable section on CPU c: `claim` = 0? `owner` = 0? commit `owner` = 1. A caller from
// elsewhere (1) adds itself to `claim`, (2) has a membarrier restart sections on c, unless one has followed since
// `claim` was last zero, (3) takes `owner` by compare-and-exchange, (4) works, (5) stores `owner` = 0, (6) takes itself
// from `claim`. While `claim` is set, local lockers are not shut out: they take `owner` by a compare-and-exchange that
// is the commit of a section on c.
//
// Why no two of them hold the slot at once. Let F be a fast section, R a remote compare-and-exchange, L a local one.
//
//  F and F, F and L, L and L on c: between the check and the commit of a section nobody else ran on c, or it was
//    restarted. A section of another CPU's thread is a section on that CPU, which looks at that CPU's slot.
//  R and R, R and L: both change `owner` from 0 by compare-and-exchange.
//  F and R: R comes after the membarrier, which came after `claim` was set.
//    F committed before the membarrier reached c: its store is visible to R, whose exchange fails until the release.
//    F was under way when it did: the kernel restarts it, and it then reads `claim` set, as below.
//    F's thread was not running on c when it did: to run again it is switched to, which restarts a section it was in.
//    F began after it: the membarrier is a full barrier on c, and so is the switch to a thread of this process on a CPU
//      that it left out as idle, offline or running others. So F reads `claim` set and fails.
//    F reads `claim` = 0 again: then this R's `claim` was taken back, after R's release. The store to `owner` comes
//      before the exchange of `claim` in R's order, so F reads `owner` as R's successors left it.
//
// The bad interleaving that (2) excludes: F reads `claim` = 0 and `owner` = 0; `claim` is set; R exchanges `owner`; F
// commits. The tests' `RawFence` leaves (2) out and is caught. The one that L's section excludes: F reads
// `owner` = 0; a plain compare-and-exchange by a thread that has left c sets it; F commits.
//
// Sharing: `claim` counts, and keeps `fenced` while it is not zero, so who comes while others claim needs no membarrier:
// `claim` has not been zero since the last. The last to leave clears both in one exchange.
//
// `permanent` (an isolated CPU under `automatic`) keeps `claim` set for ever: every local lock is an L, no membarrier is
// sent, and the slot behaves as under `lock`. Setting and clearing it is done by a claimer, so the argument holds.
extension SlotTable {
    /// Steps 1 and 2; false, and nothing is claimed, if the deadline came during another's membarrier.
    func enterClaim(_ slot: Slot, _ deadline: Int64? = nil) -> Bool {
        var claim = slot.claim.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        inject(.claimed)
        var backoff = Backoff()
        while claim & Claim.fenced == 0 {
            if claim & Claim.fencing == 0 {
                if beginFencing(slot, seen: claim) {
                    fence(slot)
                    return true
                }
            } else if deadline.hasPassed {
                leaveClaim(slot)
                return false
            } else {
                backoff.pause { System.sleep(nanoseconds: $0) }
            }
            claim = slot.claim.pointee.load(ordering: .sequentiallyConsistent)
        }
        return true
    }

    /// As ``enterClaim(_:)``, but gives up rather than wait for another's membarrier: it may be the one that the
    /// calling signal handler interrupted.
    func tryEnterClaim(_ slot: Slot) -> Bool {
        let claim = slot.claim.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        if claim & Claim.fenced != 0 { return true }
        if claim & Claim.fencing == 0, beginFencing(slot, seen: claim) {
            fence(slot)
            return true
        }
        leaveClaim(slot)
        return false
    }

    /// Step 6.
    func leaveClaim(_ slot: Slot) {
        var claim = slot.claim.pointee.load(ordering: .relaxed)
        while true {
            var left = claim - 1
            if left & (Claim.countMask | Claim.permanent) == 0 { left = 0 }
            inject(.unclaim)
            let result = slot.claim.pointee.compareExchange(
                expected: claim, desired: left, ordering: .sequentiallyConsistent)
            if result.exchanged { return }
            claim = result.original
        }
    }

    private func beginFencing(_ slot: Slot, seen claim: UInt32) -> Bool {
        slot.claim.pointee.compareExchange(
            expected: claim, desired: claim | Claim.fencing, ordering: .sequentiallyConsistent
        ).exchanged
    }

    private func fence(_ slot: Slot) {
        inject(.claimed)
        restartSections(on: slot)
        inject(.fenced)
        slot.claim.pointee.bitwiseXor(Claim.fencing | Claim.fenced, ordering: .sequentiallyConsistent)
    }

    /// Makes the standing claim of each slot what its CPU's isolation now asks for.
    func followIsolation() {
        let quiet = topology.quiet
        for cpu in cpus {
            let slot = slot(of: cpu)
            let isPermanent = slot.claim.pointee.load(ordering: .relaxed) & Claim.permanent != 0
            guard isPermanent != quiet.contains(cpu) else { continue }
            _ = enterClaim(slot)
            if isPermanent {
                slot.claim.pointee.bitwiseAnd(~Claim.permanent, ordering: .sequentiallyConsistent)
            } else {
                slot.claim.pointee.bitwiseOr(Claim.permanent, ordering: .sequentiallyConsistent)
            }
            leaveClaim(slot)
        }
    }
}
#endif
