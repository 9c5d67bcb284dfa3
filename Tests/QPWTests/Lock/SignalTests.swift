import QPWTestSupport
import Testing

@testable import QPW

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension CoreTests {
    @Suite struct SignalTests {
        /// Interrupts the calling thread, whose signal is delivered before `pthread_kill` returns.
        private static func interrupt(_ storm: SignalStorm) {
            var sent = false
            let before = storm.handled.count
            storm.rage {
                defer { sent = true }; return sent
            }
            waitUntil { storm.handled.count > before }
        }

        @Test(arguments: everyPolicy)
        func aHandlerGetsNilWhileTheSlotIsHeld(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let lock = QPWLock(policy: policy)
            let entered = Tally(), refused = Tally()
            try await onThread(on: Machine.first) {
                let storm = SignalStorm(.core) {
                    let inside: Void? = cell.slots.tryWithLocal { value, _ in value += 1 }
                    (inside == nil ? refused : entered).add()
                    if let cpu = lock.tryLock() {
                        entered.add()
                        lock.unlockAfterTry(cpu)
                    } else {
                        refused.add()
                    }
                }
                storm.join()
                let warm = entered.count
                let cpu = lock.lockLocal()
                cell.slots.withLocal { _, _ in Self.interrupt(storm) }
                lock.unlockLocal(cpu)
                // Where threads cannot be pinned the handler still runs on the virtual CPU of the same thread.
                #expect(entered.count == warm)
                #expect(refused.count == 2)
                Self.interrupt(storm)
                #expect(entered.count == warm + 2)
                storm.leave()
                storm.end()
            }
        }
    }
}
