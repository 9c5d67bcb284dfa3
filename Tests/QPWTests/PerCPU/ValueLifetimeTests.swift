import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct ValueLifetimeTests {
        @Test(arguments: everyPolicy)
        func destroysEachValueOnce(policy: QPWPolicy) {
            let ends = Tally()
            var count = 0
            do {
                let slots = PerCPU<Witness>("witnesses", policy: policy) { Witness(cpu: $0.id, ends: ends) }
                count = slots.cpus.count
                for cpu in slots.cpus {
                    let id = slots.perform(on: cpu) { $0.cpu }
                    #expect(id == cpu.id)
                }
                #expect(ends.count == 0)
            }
            #expect(ends.count == count)
        }

        @Test(arguments: everyPolicy)
        func aReplacedValueIsDestroyedWhenItIsReplaced(policy: QPWPolicy) {
            let ends = Tally()
            let slots = PerCPU<Witness>("witnesses", policy: policy) { Witness(cpu: $0.id, ends: ends) }
            slots.withLocal { value, cpu in value = Witness(cpu: cpu.id, ends: ends) }
            #expect(ends.count == 1)
        }

        @Test(arguments: everyPolicy)
        func anInitializerThatThrowsDestroysWhatWasMade(policy: QPWPolicy) {
            let ends = Tally()
            let topology = Topology(possible: CPUSet(ids: 0..<8))
            #expect(throws: Oops.second) {
                _ = try PerCPU<Witness>("witnesses", policy: policy, topology: topology) {
                    (cpu) throws(Oops) in
                    if cpu == 5 { throw Oops.second }
                    return Witness(cpu: cpu.id, ends: ends)
                }
            }
            #expect(ends.count == 5)
        }

        @Test(arguments: everyPolicy)
        func makesValuesInAscendingOrder(policy: QPWPolicy) {
            var made: [CPU] = []
            let slots = PerCPU<CPU>(policy: policy) { cpu in
                made.append(cpu)
                return cpu
            }
            #expect(made == slots.cpus)
            #expect(slots.name == "PerCPU<CPU>")
        }

        /// What was left on a slot and taken back goes with the structure at the latest.
        @Test(arguments: everyPolicy)
        func workThatWasTakenBackIsFreed(policy: QPWPolicy) {
            let ends = Tally()
            do {
                let lock = QPWLock(policy: policy)
                let sitter = Sitter(in: lock)
                let witness = SharedWitness(ends: ends)
                let work = PerCPUWork(lock, cpu: sitter.cpu) { _ in withExtendedLifetime(witness) {} }
                if lock.inForce.remote != .inline && lock.inForce.remote != .fence {
                    work.queue(on: sitter.cpu)
                }
                work.cancel()
                sitter.leave()
            }
            WorkQueue.shared.drain()
            // The sitter's thread drops its references a moment after it says that it is done.
            waitUntil { ends.count == 1 }
            #expect(ends.count == 1)
        }
    }
}
