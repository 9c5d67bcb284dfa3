#if QPW && os(Linux) && !QPW_PORTABLE
import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

extension CoreTests {
    /// Who claims a slot while another is in the membarrier, which is made to last here: he has it stand in the slot's word.
    @Suite(.enabled(if: Machine.hasFence && Machine.hasTwoCPUs, "needs sections, membarrier and two CPUs"))
    struct ClaimTests {
        private static let claimedByAnother: UInt32 = 1 | Claim.fencing
        private let cell = Cell(policy: .fence)

        /// The claim that another has begun and not finished.
        private func beginAnothers() -> Slot {
            let slot = cell.slots.table.slot(of: Machine.last)
            slot.claim.pointee.store(Self.claimedByAnother, ordering: .sequentiallyConsistent)
            return slot
        }

        @Test func aDeadlineEndsTheWaitForAnothersMembarrier() async throws {
            let slot = beginAnothers()
            try await onThread(on: Machine.first) { [cell] in
                #expect(throws: QPWTimeout.self) {
                    try cell.slots.perform(on: Machine.last, timeout: .milliseconds(2)) { value in value += 1
                    }
                }
            }
            #expect(slot.claim.pointee.load(ordering: .relaxed) == Self.claimedByAnother, "nothing is left")
            #expect(slot.owner.pointee.load(ordering: .relaxed) == Owner.free)
        }

        /// A signal handler may have interrupted the one who is in the membarrier.
        @Test func whoOnlyTriesDoesNotWaitForAnothersMembarrier() async throws {
            let slot = beginAnothers()
            let isTaken = try await onThread(on: Machine.first) { [cell] in cell.slots.table.tryAcquire(slot)
            }
            #expect(!isTaken)
            #expect(slot.claim.pointee.load(ordering: .relaxed) == Self.claimedByAnother)
        }

        @Test func anothersMembarrierIsWaitedForAndShared() {
            let slot = beginAnothers()
            let visitor = TestThread(on: Machine.first) { [cell] in
                cell.slots.perform(on: Machine.last) { value in value += 1 }
            }
            waitUntil { slot.claim.pointee.load(ordering: .relaxed) & Claim.countMask == 2 }
            #expect(!visitor.isDone)
            slot.claim.pointee.bitwiseXor(Claim.fencing | Claim.fenced, ordering: .sequentiallyConsistent)
            visitor.join()
            #expect(
                slot.claim.pointee.load(ordering: .relaxed) == 1 | Claim.fenced, "the other is still there")
            cell.slots.table.leaveClaim(slot)
            #expect(slot.claim.pointee.load(ordering: .relaxed) == 0, "the last takes everything away")
            #expect(cell.slots.reduce(into: 0) { sum, value, _ in sum += value } == 1)
        }
    }
}
#endif
