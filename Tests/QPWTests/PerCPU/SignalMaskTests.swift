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
    @Suite struct SignalMaskTests {
        private static func isBlocked(_ signal: Int32) -> Bool {
            var now = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &now)
            return sigismember(&now, signal) == 1
        }

        private static func open(_ signal: Int32) {
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, signal)
            pthread_sigmask(SIG_UNBLOCK, &set, nil)
        }

        @Test(arguments: everyPolicy)
        func withLocalMaskingSignalsRestoresTheMask(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread {
                Self.open(SIGUSR2)
                let inside = cell.slots.withLocalMaskingSignals { _, _ in Self.isBlocked(SIGUSR2) }
                #expect(inside)
                #expect(!Self.isBlocked(SIGUSR2))
                #expect(throws: Oops.first) {
                    try cell.slots.withLocalMaskingSignals { _, _ throws(Oops) in throw Oops.first }
                }
                #expect(!Self.isBlocked(SIGUSR2))
                #expect(Self.isBlocked(SIGUSR1), "what was blocked before stays blocked")
            }
        }

        @Test(arguments: everyPolicy)
        func lockLocalMaskingSignalsRestoresTheMask(policy: QPWPolicy) async throws {
            let lock = QPWLock(policy: policy)
            try await onThread {
                Self.open(SIGUSR2)
                let hold = lock.lockLocalMaskingSignals()
                #expect(Self.isBlocked(SIGUSR2))
                lock.assertHeld(hold.cpu)
                lock.unlockLocal(hold)
                #expect(!Self.isBlocked(SIGUSR2))
                #expect(Self.isBlocked(SIGUSR1))
            }
        }
    }
}
