import QPW
import QPWTestSupport
import Testing

@testable import QPWPages

extension PageTests {
    @Suite struct DrainTests {
        @Test(arguments: everyPolicy) func reachesEveryCPU(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            var folios: [Folio] = []
            for (number, cpu) in Machine.cpus.enumerated() {
                folios.append(try await onThread(on: cpu) { lists.addFolio(number) })
            }
            try await onThread(on: Machine.first) { lists.lru.drainAll() }
            #expect(Set(Contents(lists.lru).all) == Set(folios.map { Int($0.word) }))
            lists.dispose(folios)
        }

        @Test(arguments: everyPolicy) func suspendsInsteadOfBlocking(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let folio = try await onThread(on: Machine.last) { lists.addFolio(1) }
            await lists.lru.drainAll()
            #expect(Contents(lists.lru).all == [1])
            await lists.lru.disableBatching()
            let next = lists.addFolio(2)
            #expect(Contents(lists.lru).all == [2, 1])
            lists.lru.enableBatching()
            lists.dispose([folio, next])
        }

        @Test(arguments: everyPolicy) func drainsOneCPUOfWhatItHas(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let (listed, folio, cpu) = try await onThread(on: Machine.last) {
                let listed = lists.addFolio(1)
                lists.lru.drainLocal()
                let folio = lists.addFolio(2)
                #expect(lists.lru.pin(folio))
                lists.lru.rotate(listed)
                lists.lru.front.insert(7, listed)
                return (listed, folio, CPU.current)
            }
            try await onThread(on: Machine.first) {
                #expect(lists.lru.needsDrain(cpu))
                lists.lru.drain(cpu)
                #expect(!lists.lru.needsDrain(cpu))
                #expect(Contents(lists.lru).unevictable == [2])
                lists.lru.unpin(folio)
                lists.dispose([listed, folio])
                lists.lru.drainAll()
            }
            #expect(lists.graveyard.count == 2)
        }

        /// Whoever has read the generation before the drain begins is served by it.
        @Test(arguments: everyPolicy) func eightCallersShareOneDrain(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let folio = try await onThread(on: Machine.last) { lists.addFolio(1) }
            let crew = Crew()
            await lists.lru.turns.gate.enter()
            crew.start(8) { _, _ in lists.lru.drainAll() }
            waitUntil { lists.lru.turns.gate.waitingCount == 8 }
            lists.lru.turns.gate.leave()
            crew.join()
            #expect(lists.lru.statistics.drains == 1)
            #expect(lists.lru.statistics.coalescedDrains == 7)
            lists.dispose([folio])
        }

        /// Those who come while a drain looks at the CPUs are not served by it; the next serves all of them.
        @Test func callersWhoComeLateShareTheNextDrain() async throws {
            let lists = Lists()
            let looking = Flag()
            let mayEnd = Flag()
            let crew = Crew()
            crew.start { _ in
                lists.lru.turns.run(.needyCPUs, publish: {}) {
                    looking.raise()
                    mayEnd.wait()
                }
            }
            looking.wait()
            crew.start(7) { _, _ in lists.lru.drainAll() }
            waitUntil { lists.lru.turns.gate.waitingCount == 7 }
            mayEnd.raise()
            crew.join()
            #expect(lists.lru.statistics.drains == 2)
            #expect(lists.lru.statistics.coalescedDrains == 6)
        }

        @Test func tasksAndThreadsShareOneGate() async throws {
            let lists = Lists()
            let crew = Crew()
            await lists.lru.turns.gate.enter()
            await withTaskGroup { group in
                for _ in 0..<4 { group.addTask { await lists.lru.drainAll() } }
                crew.start(4) { _, _ in lists.lru.drainAll() }
                group.addTask {
                    waitUntil { lists.lru.turns.gate.waitingCount == 8 }
                    lists.lru.turns.gate.leave()
                }
            }
            crew.join()
            #expect(lists.lru.statistics.drains == 1)
        }

        /// A drain costs in proportion to the CPUs that hold something, however many there are.
        @Test(arguments: everyPolicy, [128, 4096])
        func onlyCPUsThatHoldSomethingAreVisited(policy: QPWPolicy, count: Int) async throws {
            let possible = CPUSet(ids: 0..<count).union(Topology.system.possible)
            let lists = Lists(policy, topology: Topology(possible: possible))
            let holders = [CPU(count - 1), CPU(count / 2), CPU(count / 3)]
            try await onThread(on: Machine.first) {
                let folios = holders.enumerated().map { number, cpu in
                    let folio = lists.makeFolio(number)
                    lists.lru.batches.slots.perform(on: cpu) { banks in
                        banks.current.batch(Move.add.rawValue).append(NodeLists.entry(folio))
                        lists.lru.batches.slots.markDirty(cpu)
                    }
                    return folio
                }
                lists.lru.drainAll()
                #expect(lists.lru.statistics.visits == holders.count)
                #expect(lists.lru.statistics.movedByDrain == holders.count)
                #expect(lists.lru.statistics.listLockAcquisitions == holders.count)
                #expect(lists.lru.sizes.total.folios == holders.count)
                lists.lru.drainAll()
                #expect(lists.lru.statistics.visits == holders.count, "there is nothing left")
                lists.dispose(folios)
            }
        }

        @Test(arguments: everyPolicy) func aDrainInTimeIsADrain(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let folio = try await onThread(on: Machine.last) { lists.addFolio(1) }
            try await onThread(on: Machine.first) {
                try lists.lru.drainAll(timeout: .seconds(60))
                #expect(Contents(lists.lru).all == [1])
                lists.dispose([folio])
            }
        }

        /// Has one of the crew hold the last CPU's slot, until what is returned is raised.
        private func hold(_ lists: Lists, _ crew: Crew) -> Flag {
            let held = Flag(), mayLeave = Flag()
            crew.start(on: Machine.last) { _ in
                lists.lru.batches.slots.withLocal { _, _ in
                    held.raise()
                    mayLeave.wait()
                }
            }
            held.wait()
            return mayLeave
        }

        /// Nor by his own CPU's slot is a caller with a deadline kept waiting.
        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func theOwnSlotIsNotWaitedForEither(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let folio = try await onThread(on: Machine.last) { lists.addFolio(1) }
            let crew = Crew()
            let mayLeave = hold(lists, crew)
            try await onThread(on: Machine.last) {
                #expect(throws: QPWTimeout.self) { try lists.lru.drainAll(timeout: .milliseconds(20)) }
            }
            mayLeave.raise()
            crew.join()
            lists.dispose([folio])
        }

        /// Who waited for a drain that gave up is not served by it.
        @Test(.enabled(if: Machine.pinsToTwo, "\(Machine.needsPinning)"), arguments: everyPolicy)
        func aDrainThatGaveUpServesNobody(policy: QPWPolicy) async throws {
            let lists = Lists(policy)
            let folio = try await onThread(on: Machine.last) { lists.addFolio(1) }
            let crew = Crew()
            let mayLeave = hold(lists, crew)
            let hasFailed = Flag()
            crew.start(on: Machine.first) { _ in
                // The caller's own work is on this CPU: it is not what holds him up.
                #expect(throws: QPWTimeout.self) { try lists.lru.drainAll(timeout: .milliseconds(20)) }
                hasFailed.raise()
            }
            waitUntil { lists.lru.turns.done == 1 }
            crew.start(on: Machine.first) { _ in
                lists.lru.drainAll()
                #expect(Contents(lists.lru).all == [1])
            }
            hasFailed.wait()
            mayLeave.raise()
            crew.join()
            lists.dispose([folio])
        }

        #if QPW
        /// Under `deferred` without a deadline only tasks can wait.
        @Test func suspendsUntilTheOwnerComesBy() async throws {
            let lists = Lists(.deferred(escalateAfter: nil))
            let folio = try await onThread(on: Machine.last) { lists.addFolio(1) }
            let drain = Task { await lists.lru.drainAll() }
            let crew = Crew()
            crew.start(on: Machine.last) { _ in
                while !crew.isEnding { lists.lru.batches.slots.withLocal { _, _ in } }
            }
            await drain.value
            crew.end()
            #expect(Contents(lists.lru).all == [1])
            lists.dispose([folio])
        }
        #endif
    }
}
