#if DEBUG
import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct RCUTrapTests {
        @Test func synchronizeInASection() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let domain = RCUDomain("mine")
                domain.read { domain.synchronize() }
            }
            expectMessage("RCUDomain.synchronize in a read section of 'mine'", in: result)
        }

        @Test func synchronizeInAnotherDomainsSection() {
            let domain = RCUDomain("mine"), other = RCUDomain("other")
            other.read { domain.synchronize() }
            #expect(domain.gracePeriods == 1)
        }

        @Test func synchronizeWhileHoldingASlot() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let slots = PerCPU<Int>("held") { _ in 0 }
                slots.withLocal { _, _ in RCUDomain("mine").synchronize() }
            }
            expectMessage("RCUDomain.synchronize on 'mine' while holding 'held'", in: result)
        }

        @Test func callOrHelpInASection() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let domain = RCUDomain("mine")
                domain.read { domain.callOrHelp {} }
            }
            expectMessage("RCUDomain.callOrHelp in a read section of 'mine'", in: result)
        }

        @Test func barrierInACallback() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let domain = RCUDomain("mine")
                let never = Flag()
                domain.call { domain.barrier() }
                never.wait()
            }
            expectMessage("RCUDomain.barrier on 'mine' in a callback", in: result)
        }

        @Test func assertReadingOutside() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let domain = RCUDomain("mine")
                RCUDomain("other").read { domain.assertReading() }
            }
            expectMessage("assertReading: this thread does not read 'mine'", in: result)
        }

        @Test func leavingWhatWasNotEntered() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                let leave = { RCUDomain("other").readUnlock(RCUDomain("mine").readLock()) }
                leave()
            }
            expectMessage("leaves a read section of 'other' and is in none", in: result)
        }
    }
}
#endif
