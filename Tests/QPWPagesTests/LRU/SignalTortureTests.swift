#if os(Linux)
import QPW
import QPWTestSupport
import Synchronization
import Testing

@testable import QPWPages

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension PageTests {
    @Suite(
        .enabled(
            if: !Machine.isDebugBuild, "needs a release build: lock checking allocates, even in a handler"))
    struct SignalTortureTests {
        /// A handler rotates folios while the thread that it interrupts adds, rotates and drains.
        @Test(arguments: everyPolicy) func mayRotateInASignalHandler(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folio = lists.addFolio()
                lists.lru.drainLocal()
                let before = SignalStorm.count.load(ordering: .relaxed)
                let storm = SignalStorm(lists.lru, folio)
                let limit = TimeLimit(milliseconds: 200)
                while !limit.isOver {
                    let folios = (0..<40).map { lists.addFolio($0) }
                    for folio in folios { lists.lru.rotate(folio) }
                    lists.lru.drainAll()
                    lists.dispose(folios)
                }
                storm.end()
                #expect(SignalStorm.count.load(ordering: .relaxed) > before)
                lists.dispose([folio])
                lists.lru.drainAll()
                #expect(lists.lru.sizes == ListSizes())
            }
        }
    }
}

/// Sends a thread a signal every 100 microseconds, whose handler rotates a folio.
private struct SignalStorm {
    static let count = Atomic<Int>(0)
    /// No other test's: handlers are the process's, and suites run side by side.
    private static let number = SIGIO
    nonisolated(unsafe) private static var target: (lru: PageLRU, folio: Folio)?

    private let isEnding = Flag()
    private let sender: TestThread

    /// Of the calling thread.
    init(_ lru: PageLRU, _ folio: Folio) {
        Self.target = (lru, folio)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in SignalStorm.handle() }
        sigaction(Self.number, &action, nil)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, Self.number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        let thread = pthread_self()
        sender = TestThread { [isEnding] in
            while !isEnding.isRaised {
                pthread_kill(thread, Self.number)
                System.sleep(nanoseconds: 100_000)
            }
        }
    }

    private static func handle() {
        count.wrappingAdd(1, ordering: .relaxed)
        guard let target else { return }
        for _ in 0..<3 { target.lru.rotate(target.folio) }
    }

    func end() {
        isEnding.raise()
        sender.join()
        signal(Self.number, SIG_IGN)
        Self.target = nil
    }
}
#endif
