import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct WorkItemTests {
        /// More than fit into eight bits: what disables must not run over into what numbers the queueings.
        @Test(arguments: [1, 255, 256, 70_000])
        func disablingNests(depth: Int) {
            let runs = Tally()
            let item = WorkItem { _ = runs.add() }
            let early = item.queue()
            for _ in 0..<depth { item.disable() }
            #expect(item.isPending)
            #expect(early?.isCurrent == true)
            early?.run()
            #expect(runs.count == 1)
            #expect(item.unfinished() == nil)
            for _ in 0..<depth {
                #expect(item.queue() == nil)
                #expect(!item.runInline())
                item.enable()
            }
            #expect(item.runInline())
            #expect(runs.count == 2)
            #expect(item.flush(deadline: 0))
        }

        @Test func enablingWhatIsNotDisabledTraps() async {
            await #expect(processExitsWith: .failure) { WorkItem {}.enable() }
        }
    }
}
