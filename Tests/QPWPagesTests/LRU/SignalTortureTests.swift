#if os(Linux)
import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    @Suite(
        .enabled(
            if: Machine.isOptimised, "needs a release build: lock checking allocates, even in a handler"))
    struct SignalTortureTests {
        /// A handler rotates folios while the thread that it interrupts adds, rotates and drains.
        @Test(arguments: everyPolicy) func mayRotateInASignalHandler(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            try await onThread(on: Machine.first) {
                let folio = lists.addFolio()
                lists.lru.drainLocal()
                let storm = SignalStorm(.pages) {
                    for _ in 0..<3 { lists.lru.rotate(folio) }
                }
                let limit = TimeLimit(milliseconds: 200)
                storm.interrupt {
                    while !limit.isOver {
                        let folios = (0..<40).map { lists.addFolio($0) }
                        for folio in folios { lists.lru.rotate(folio) }
                        lists.lru.drainAll()
                        lists.dispose(folios)
                    }
                }
                storm.end()
                #expect(storm.handled.count > 1, "more than the call that prepares it")
                lists.dispose([folio])
                lists.lru.drainAll()
                #expect(lists.lru.sizes == ListSizes())
            }
        }
    }
}
#endif
