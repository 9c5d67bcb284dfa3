import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct PerformTests {
        @Test(arguments: everyPolicy)
        func reachesEveryCPUFromEveryCPU(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            for caller in Machine.cpus {
                let results = try await onThread(on: caller) {
                    cell.slots.cpus.map { cpu in
                        cell.slots.perform(on: cpu) { value in
                            value += 1
                            return value
                        }
                    }
                }
                #expect(Set(results).count == 1)
            }
            for cpu in cell.slots.cpus {
                let count = try await onThread { cell.slots.perform(on: cpu) { $0 } }
                #expect(count == Machine.cpus.count)
            }
        }

        @Test(.enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func runsWhereThePolicySays(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let remote = cell.slots.inForce.remote
            let (caller, runner, at) = try await onThread(on: Machine.first) {
                let (runner, at) = cell.slots.perform(on: Machine.last) { _ in (thisThread(), CPU.current) }
                return (thisThread(), runner, at)
            }
            switch remote {
            case .queue:
                #expect(runner != caller)
                #expect(at == Machine.last)
            case .inline, .fence, .deferred:
                #expect(runner == caller, "nobody else came by")
                #expect(at == Machine.first)
            }
        }

        private static func place(of witness: consuming Witness?) -> Int? {
            if let witness { witness.cpu } else { nil }
        }

        @Test(arguments: everyPolicy)
        func passesErrorsAndNoncopyableResultsOn(policy: QPWPolicy) async throws {
            let ends = Tally()
            let cell = Cell<Witness?>(policy: policy) { Witness(cpu: $0.id, ends: ends) }
            try await onThread(on: Machine.first) {
                for cpu in Machine.cpus {
                    #expect(throws: Oops.second) {
                        try cell.slots.perform(on: cpu) { _ throws(Oops) in throw Oops.second }
                    }
                    let taken = cell.slots.perform(on: cpu) { value in
                        let taken = value.take()
                        return taken
                    }
                    let place = Self.place(of: taken)
                    #expect(place == cpu.id)
                }
            }
            #expect(ends.count == Machine.cpus.count)
        }

        @Test(arguments: everyPolicy)
        func asyncReachesEveryCPU(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            for cpu in cell.slots.cpus {
                let value = await cell.slots.perform(on: cpu) { value in
                    value += cpu.id + 1
                    return value
                }
                #expect(value == cpu.id + 1)
                await #expect(throws: Oops.first) {
                    try await cell.slots.perform(on: cpu) { _ throws(Oops) in throw Oops.first }
                }
            }
        }

        @Test(arguments: everyPolicy)
        func waitsForTheHolder(policy: QPWPolicy) async throws {
            let cell = Cell(policy: policy)
            let sitter = Sitter(on: Machine.first, in: cell)
            let isIn = Flag(), isLeaving = Flag()
            let caller = TestThread(on: Machine.last) {
                cell.slots.perform(on: sitter.cpu) { _ in
                    #expect(isLeaving.isRaised)
                    isIn.raise()
                }
            }
            System.sleep(nanoseconds: 5_000_000)
            #expect(!isIn.isRaised)
            isLeaving.raise()
            sitter.leave()
            caller.join()
            #expect(isIn.isRaised)
        }
    }
}
