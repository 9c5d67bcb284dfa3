import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct PerformTimeoutTests {
        /// From the slot's own CPU and from another: two ways to the slot.
        @Test(arguments: everyPolicy, Array(Set([Machine.first, Machine.last])))
        func aBodyWhoseTimeIsOverNeverRuns(policy: QPWPolicy, caller: CPU) async throws {
            let cell = Cell("slow", policy: policy)
            let sitter = Sitter(on: Machine.first, in: cell)
            let runs = Tally()
            let error = try await onThread(on: caller) {
                #expect(throws: QPWTimeout.self) {
                    try cell.slots.perform(on: sitter.cpu, timeout: .milliseconds(20)) { _ in
                        _ = runs.add()
                    }
                }
            }
            #expect(error?.structure == "slow")
            #expect(error?.cpu == sitter.cpu)
            #expect(error?.timeout == .milliseconds(20))
            #if DEBUG
            #expect(error?.holder == UInt32(sitter.threadID))
            #expect(error?.description.contains("held by thread \(sitter.threadID)") == true)
            #endif
            #expect(runs.count == 0)
            sitter.leave()
            // Everybody who could still run it comes by.
            try await onThread(on: Machine.first) {
                for _ in 0..<20 { cell.slots.withLocal { _, _ in } }
                for cpu in cell.slots.cpus { cell.slots.perform(on: cpu) { _ in } }
                cell.slots.safepoint()
                WorkQueue.shared.drain()
            }
            #expect(runs.count == 0)
        }

        @Test(arguments: everyPolicy)
        func succeedsInTime(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            try await onThread(on: Machine.first) {
                for cpu in Machine.cpus {
                    let value = try cell.slots.perform(on: cpu, timeout: .seconds(60)) { value in
                        value += 1
                        return value
                    }
                    #expect(value == 1)
                }
            }
        }

        @Test(arguments: everyPolicy)
        func aTimeOutThatIsOverAtOnceIsNoTrap(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let sitter = Sitter(on: Machine.first, in: cell)
            for timeout in [Duration.zero, .seconds(-1)] {
                try await onThread(on: Machine.last) {
                    _ = #expect(throws: QPWTimeout.self) {
                        try cell.slots.perform(on: sitter.cpu, timeout: timeout) { _ in
                            Issue.record("it ran beside the holder")
                        }
                    }
                }
            }
            sitter.leave()
        }

        @Test(arguments: everyPolicy)
        func aVeryLongTimeOutDoesNotOverflow(policy: QPWPolicy) throws {
            let slots = PerCPU<Int>("numbers", policy: policy) { _ in 4 }
            for cpu in Machine.cpus {
                let value = try slots.perform(on: cpu, timeout: .seconds(Int64.max)) { $0 }
                #expect(value == 4)
            }
        }
    }
}
