import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct TryWithLocalTests {
        @Test(arguments: everyPolicy)
        func entersAFreeSlot(policy: QPWPolicy) {
            let slots = PerCPU<Int>("numbers", policy: policy) { _ in 3 }
            let value = slots.tryWithLocal { value, _ in value }
            #expect(value == 3)
        }

        /// As a signal handler would: on the thread that holds the slot.
        @Test(arguments: everyPolicy)
        func isNilWhileThisThreadHoldsTheSlot(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread(on: Machine.first) {
                let (inner, cpu) = cell.slots.withLocal { _, cpu in
                    (cell.slots.tryWithLocal { _, cpu in cpu }, cpu)
                }
                #expect(inner == nil || inner != cpu)
                if Machine.pinsThreads { #expect(inner == nil) }
                let after = cell.slots.tryWithLocal { _, cpu in cpu }
                #expect(after != nil)
            }
        }

        @Test(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func isNilWhileAnotherThreadHoldsTheSlot(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let sitter = Sitter(on: Machine.first, in: cell)
            let held = try await onThread(on: Machine.first) { cell.slots.tryWithLocal { _, cpu in cpu } }
            #expect(held == nil)
            sitter.leave()
            let free = try await onThread(on: Machine.first) { cell.slots.tryWithLocal { _, cpu in cpu } }
            #expect(free == Machine.first)
        }

        @Test(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func isNilWhileSomebodyFromElsewhereHoldsTheSlot(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let sitter = Sitter(on: Machine.last) { sit in
                cell.slots.perform(on: Machine.first) { _ in sit(Machine.first) }
            }
            let held = try await onThread(on: Machine.first) { cell.slots.tryWithLocal { _, cpu in cpu } }
            #expect(held == nil)
            sitter.leave()
            let free = try await onThread(on: Machine.first) { cell.slots.tryWithLocal { _, cpu in cpu } }
            #expect(free == Machine.first)
        }

        @Test(arguments: everyPolicy)
        func passesTypedErrorsOn(policy: QPWPolicy) {
            let slots = PerCPU<Int>("numbers", policy: policy) { _ in 0 }
            #expect(throws: Oops.first) {
                try slots.tryWithLocal { _, _ throws(Oops) in throw Oops.first }
            }
            let again = slots.tryWithLocal { _, _ in true }
            #expect(again == true)
        }
    }
}
