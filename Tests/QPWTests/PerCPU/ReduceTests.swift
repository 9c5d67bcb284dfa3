import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

private struct Hits: ~Copyable, SnapshotReadable {
    let count = Atomic<Int>(0)
}

extension CoreTests {
    @Suite struct ReduceTests {
        @Test(arguments: everyPolicy)
        func foldsOverAllSlotsInOrder(policy: QPWPolicy) {
            let slots = PerCPU<Int>("numbers", policy: policy) { $0.id }
            let seen = slots.reduce(into: [CPU]()) { seen, value, cpu in
                #expect(value == cpu.id)
                seen.append(cpu)
            }
            #expect(seen == slots.cpus)
        }

        @Test(arguments: everyPolicy)
        func passesErrorsOnAndLeavesAllSlots(policy: QPWPolicy) {
            let slots = PerCPU<Int>("numbers", policy: policy) { _ in 1 }
            #expect(throws: Oops.first) {
                try slots.reduce(into: 0) { total, value, cpu throws(Oops) in
                    total += value
                    throw Oops.first
                }
            }
            let total = slots.reduce(into: 0) { total, value, _ in total += value }
            #expect(total == slots.cpus.count)
        }

        @Test(arguments: everyPolicy)
        func aSnapshotDisturbsNobody(policy: QPWPolicy) {
            let cell = Cell<Hits>(policy: policy) { _ in Hits() }
            cell.slots.withLocal { hits, _ in _ = hits.count.wrappingAdd(3, ordering: .relaxed) }
            let sitter = Sitter(in: cell)
            let total = cell.slots.snapshot(into: 0) { total, hits, _ in
                total += hits.count.load(ordering: .relaxed)
            }
            #expect(total == 3)
            #expect(throws: Oops.first) {
                try cell.slots.snapshot(into: 0) { _, _, _ throws(Oops) in throw Oops.first }
            }
            sitter.leave()
        }
    }
}
