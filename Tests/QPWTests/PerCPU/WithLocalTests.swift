import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct WithLocalTests {
        @Test(arguments: everyPolicy)
        func givesTheSlotOfThisCPU(policy: QPWPolicy) async throws {
            let cell = Cell<Int>(policy: policy) { $0.id * 10 }
            for cpu in Machine.cpus {
                let (value, at) = try await onThread(on: cpu) { cell.slots.withLocal { ($0, $1) } }
                #expect(value == at.id * 10)
                if Machine.pinsThreads { #expect(at == cpu) }
            }
        }

        @Test(arguments: everyPolicy)
        func keepsWhatTheBodyLeft(policy: QPWPolicy) {
            let slots = PerCPU<[Int]>("lists", policy: policy) { _ in [] }
            for number in 0..<1000 { slots.withLocal { list, _ in list.append(number) } }
            let all = slots.reduce(into: []) { all, list, _ in all += list }
            #expect(all.sorted() == Array(0..<1000))
        }

        @Test(arguments: everyPolicy)
        func passesTypedErrorsOnAndLeavesTheSlot(policy: QPWPolicy) async throws {
            let cell = Cell<Int>(policy: policy)
            try await onThread(on: Machine.first) {
                do throws(Oops) {
                    try cell.slots.withLocal { value, _ throws(Oops) in
                        value = 7
                        throw Oops.second
                    }
                    Issue.record("nothing was thrown")
                } catch {
                    #expect(error == .second)
                }
                let value = cell.slots.tryWithLocal { value, _ in value }
                #expect(value == 7)
            }
        }

        @Test(arguments: everyPolicy)
        func returnsNoncopyableResults(policy: QPWPolicy) {
            let ends = Tally()
            let slots = PerCPU<Witness?>("witnesses", policy: policy) { Witness(cpu: $0.id, ends: ends) }
            do {
                let taken = slots.withLocal { value, _ in
                    let taken = value.take()
                    return taken
                }
                let isThere = taken != nil
                #expect(isThere)
                #expect(ends.count == 0)
            }
            #expect(ends.count == 1)
        }

        @Test(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func staysWithItsSlotWhenTheThreadIsMoved(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let (from, to) = (Machine.first, Machine.last)
            try await onThread(on: from) {
                cell.slots.withLocal { value, cpu in
                    #expect(cpu == from)
                    #expect(System.pinThread(to: to))
                    #expect(CPU.current == to)
                    value = 5
                    #expect(cpu == from)
                }
                let there = cell.slots.tryWithLocal { value, cpu in (value, cpu) }
                #expect(there?.0 == 0)
                #expect(there?.1 == to)
            }
            let left = try await onThread { cell.slots.perform(on: from) { $0 } }
            #expect(left == 5)
        }

        @Test(arguments: everyPolicy)
        func tellsItsNameAndPolicy(policy: QPWPolicy) {
            let slots = PerCPU<Int>("hits", policy: policy) { _ in 0 }
            #expect(slots.name == "hits")
            #expect(slots.inForce.requested == policy)
            let cpus = slots.cpus
            #expect(cpus == cpus.sorted())
            #expect(cpus.count >= Machine.cpus.count)
        }
    }
}
