#if os(Linux) && !QPW_PORTABLE
import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    @Suite(.enabled(if: Unpluggable.lastCPU.isThere, "\(Unpluggable.lastCPU.reason)"))
    struct OfflineTests {
        @Test func anotherDrainsWhatACPULeftBehind() async throws {
            let all = everyPolicy.map { Lists($0) }
            let folios = try await onThread(on: Machine.last) {
                all.map { lists in
                    let folios = [lists.addFolio(1), lists.addFolio(2)]
                    lists.lru.drainLocal()
                    #expect(lists.lru.pin(folios[0]))
                    lists.lru.rotate(folios[1])
                    lists.lru.front.insert(7, folios[0])
                    return folios + [lists.addFolio(3)]
                }
            }
            let wasOffline = try await onThread(on: Machine.first) {
                var wasOffline = false
                try Unpluggable.lastCPU.whileOffline {
                    wasOffline = !Topology.system.online.contains(Machine.last)
                    for lists in all {
                        #expect(lists.lru.needsDrain(Machine.last))
                        lists.lru.drainPinsOffline(Machine.last)
                        #expect(Contents(lists.lru).unevictable == [1])
                        lists.lru.drain(Machine.last)
                        #expect(!lists.lru.needsDrain(Machine.last))
                        #expect(Contents(lists.lru).inactive == [3, 2])
                    }
                }
                return wasOffline
            }
            #expect(wasOffline)
            for (lists, folios) in zip(all, folios) {
                lists.dispose(folios)
                #expect(lists.graveyard.count == 3)
            }
        }
    }
}
#endif
