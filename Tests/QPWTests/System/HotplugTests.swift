#if os(Linux) && !QPW_PORTABLE
import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite(.enabled(if: Unpluggable.lastCPU.isThere, "\(Unpluggable.lastCPU.reason)"))
    struct HotplugTests {
        @Test func everyPolicyReachesACPUThatIsOffline() async throws {
            let cells = everyPolicy.map { Cell(policy: $0) }
            let runs = Tally()
            let works = everyPolicy.map { policy in
                PerCPUWork(QPWLock(policy: policy), cpu: Machine.last) { _ in _ = runs.add() }
            }
            @Sendable func round() {
                for cell in cells { cell.slots.perform(on: Machine.last) { value in value += 1 } }
                for cell in cells { cell.slots.drain(where: { _ in true }) { value, _ in value += 10 } }
                for work in works {
                    work.queue(on: Machine.last)
                    work.flush()
                }
            }
            let wasOffline = try await onThread(on: Machine.first) {
                round()
                var wasOffline = false
                try Unpluggable.lastCPU.whileOffline {
                    wasOffline = !Topology.system.online.contains(Machine.last)
                    round()
                }
                return wasOffline
            }
            #expect(wasOffline)
            #expect(Topology.system.online.contains(Machine.last))
            // The owner finds what was done meanwhile, and workers return to their CPU.
            for cell in cells {
                let values = try await onThread(on: Machine.last) { cell.slots.withLocal { ($0, $1) } }
                #expect(values.0 == 22)
                #expect(values.1 == Machine.last)
                let at = try await onThread(on: Machine.first) {
                    cell.slots.perform(on: Machine.last) { _ in CPU.current }
                }
                if cell.slots.inForce.remote == .queue { #expect(at == Machine.last) }
            }
            #expect(runs.count == 2 * works.count)
        }
    }
}
#endif
