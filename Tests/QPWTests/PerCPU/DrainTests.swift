import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct DrainTests {
        private static func mark(_ cell: Cell<Int>, _ cpu: CPU, _ marks: Dirty = .some) {
            cell.slots.perform(on: cpu) { _ in cell.slots.markDirty(cpu, marks) }
        }

        @Test(arguments: everyPolicy)
        func visitsOnlyTheSlotsThatAreMarked(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy, topology: Topology(possible: CPUSet(ids: 0..<12)))
            try await onThread(on: Machine.first) {
                Self.mark(cell, 1)
                Self.mark(cell, 7)
                #expect(cell.slots.dirty(of: 1) == .some)
                #expect(cell.slots.dirty(of: 0).isEmpty)
                let visited = Guarded<[CPU]>([])
                cell.slots.drain { _, cpu in visited.withLock { $0.append(cpu) } }
                #expect(visited.withLock { $0.sorted() } == [1, 7])
                #expect(cell.slots.dirty(of: 1).isEmpty)
                cell.slots.drain { _, cpu in Issue.record("\(cpu) was drained already") }
            }
        }

        @Test(arguments: everyPolicy)
        func asyncVisitsOnlyTheSlotsThatAreMarked(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let visited = Guarded<[CPU]>([])
            try await onThread(on: Machine.first) { Self.mark(cell, Machine.last) }
            await cell.slots.drain { _, cpu in visited.withLock { $0.append(cpu) } }
            #expect(visited.withLock { $0 } == [Machine.last])
            #expect(cell.slots.dirty(of: Machine.last).isEmpty)
        }

        @Test(arguments: everyPolicy)
        func passesOverAHeldSlotThatIsNotMarked(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let sitter = Sitter(on: Machine.first, in: cell)
            try await onThread(on: Machine.last) {
                let others = cell.slots.cpus.filter { $0 != sitter.cpu }
                for cpu in others { Self.mark(cell, cpu) }
                let visits = Tally()
                cell.slots.drain { _, _ in _ = visits.add() }
                #expect(visits.count == others.count)
            }
            sitter.leave()
        }

        @Test(arguments: everyPolicy)
        func asksThePredicateAboutTheMarks(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let full = Dirty(rawValue: 4)
            try await onThread(on: Machine.first) {
                Self.mark(cell, Machine.first, .some)
                Self.mark(cell, Machine.last, full)
                if Machine.hasTwoCPUs {
                    let visited = Guarded<[CPU]>([])
                    cell.slots.drain(where: { $0.contains(full) }) { _, cpu in
                        visited.withLock { $0.append(cpu) }
                    }
                    #expect(visited.withLock { $0 } == [Machine.last])
                    #expect(cell.slots.dirty(of: Machine.first) == .some)
                }
                Self.mark(cell, Machine.first, full)
                #expect(cell.slots.dirty(of: Machine.first) == [.some, full], "marks accumulate")
            }
        }

        @Test(arguments: everyPolicy)
        func aForcedDrainVisitsAll(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread(on: Machine.first) {
                cell.slots.drain(where: { _ in true }) { value, cpu in value = cpu.id + 1 }
                for cpu in cell.slots.cpus {
                    let value = cell.slots.perform(on: cpu) { $0 }
                    #expect(value == cpu.id + 1)
                }
            }
        }

        @Test(arguments: everyPolicy)
        func aBodyMayMarkItsSlotAgain(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread(on: Machine.first) {
                for cpu in Machine.cpus { Self.mark(cell, cpu) }
                for _ in 0..<2 {
                    let visits = Tally()
                    cell.slots.drain { _, cpu in
                        visits.add()
                        cell.slots.markDirty(cpu)
                    }
                    #expect(visits.count == Machine.cpus.count)
                    #expect(cell.slots.dirty(of: Machine.last) == .some)
                }
            }
        }

        @Test func whoDropsHintsLeavesOtherMarks() async throws {
            let cell = Cell(policy: .queue)
            try await onThread(on: Machine.first) {
                Self.mark(cell, Machine.last, [.some, Dirty(rawValue: 8)])
                cell.slots.dropHints(Machine.last, Dirty(rawValue: 8))
                #expect(cell.slots.dirty(of: Machine.last) == .some)
            }
        }

        @Test(arguments: everyPolicy)
        func othersRunWhenABodyThrows(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy, topology: Topology(possible: CPUSet(ids: 0..<6)))
            let visits = Tally()
            try await onThread(on: Machine.first) {
                #expect(throws: Oops.second) {
                    try cell.slots.drain(where: { _ in true }) { _, cpu throws(Oops) in
                        visits.add()
                        if cpu.id < 2 { throw Oops.second }
                    }
                }
            }
            #expect(visits.count == 6)
            await #expect(throws: Oops.second) {
                try await cell.slots.drain(where: { _ in true }) { _, cpu throws(Oops) in
                    visits.add()
                    if cpu.id < 2 { throw Oops.second }
                }
            }
            #expect(visits.count == 12)
        }

        @Test(arguments: everyPolicy)
        func aBodyThatThrowsKeepsItsMarks(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread(on: Machine.first) {
                Self.mark(cell, Machine.last, [.some, Dirty(rawValue: 8)])
                #expect(throws: Oops.first) {
                    try cell.slots.drain { _, _ throws(Oops) in throw Oops.first }
                }
                #expect(cell.slots.dirty(of: Machine.last) == [.some, Dirty(rawValue: 8)])
            }
        }

        @Test(arguments: everyPolicy)
        func takesOffTheMarksThatAreToBeCleared(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let other = Dirty(rawValue: 8)
            try await onThread(on: Machine.first) {
                Self.mark(cell, Machine.last, [.some, other])
                cell.slots.drain(clearing: .some) { _, _ in }
                #expect(cell.slots.dirty(of: Machine.last) == other)
            }
            await cell.slots.drain(clearing: other) { _, _ in }
            #expect(cell.slots.dirty(of: Machine.last).isEmpty)
        }

        /// Two drains that saw the same mark: the second finds none once it holds the slot.
        @Test(arguments: everyPolicy)
        func looksAtTheMarksAgainUnderTheLock(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread(on: Machine.first) { Self.mark(cell, Machine.first) }
            let sitter = Sitter(on: Machine.first, in: cell)
            // On the portable backend the thread may sit elsewhere, and then nothing holds the drains up.
            guard sitter.cpu == Machine.first else { return sitter.leave() }
            let looks = Tally(), visits = Tally()
            let drains = (0..<2).map { _ in
                TestThread(on: Machine.last) {
                    cell.slots.drain(where: { marks in
                        if !marks.isEmpty { looks.add() }
                        return !marks.isEmpty
                    }) { _, _ in _ = visits.add() }
                }
            }
            waitUntil { looks.count == 2 }
            sitter.leave()
            for drain in drains { drain.join() }
            #expect(visits.count == 1)
        }
    }
}
