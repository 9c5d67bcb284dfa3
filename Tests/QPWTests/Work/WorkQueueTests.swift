import Foundation
import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

extension CoreTests {
    @Suite struct WorkQueueTests {
        @Test func runsInTheOrderOfQueueing() async throws {
            let queue = WorkQueue("order")
            let order = Guarded<[Int]>([])
            try await onThread(on: Machine.first) {
                let blocker = Blocker(queue, Machine.last)
                for number in 0..<200 {
                    #expect(queue.put(WorkItem { order.withLock { $0.append(number) } }, to: Machine.last))
                }
                #expect(order.withLock { $0.isEmpty })
                blocker.end()
                queue.drain()
            }
            #expect(order.withLock { $0 } == Array(0..<200))
        }

        @Test(arguments: [1, 40])
        func drainWaitsForWhatWorkQueues(length: Int) async throws {
            let runs = Tally()
            try await onThread(on: Machine.first) {
                let queue = WorkQueue("chain")
                Self.chain(queue, runs, length, on: [Machine.last])
                queue.drain()
                #expect(runs.count == length)
            }
        }

        /// Work may queue to another CPU, whose worker may not have been started, or was drained already.
        @Test(.enabled(if: Machine.cpus.count >= 2, "needs two CPUs"), arguments: 0..<10)
        func drainWaitsForWhatWorkQueuesElsewhere(round: Int) async throws {
            let runs = Tally()
            try await onThread(on: Machine.first) {
                let queue = WorkQueue("chain")
                Self.chain(queue, runs, 20, on: round % 2 == 0 ? Machine.cpus : Machine.cpus.reversed())
                queue.drain()
                #expect(runs.count == 20)
            }
        }

        private static func chain(_ queue: WorkQueue, _ runs: Tally, _ left: Int, on cpus: [CPU]) {
            let item = WorkItem { [unowned queue] in
                System.sleep(nanoseconds: 500_000)
                runs.add()
                if left > 1 { chain(queue, runs, left - 1, on: cpus) }
            }
            queue.put(item, to: cpus[left % cpus.count])
        }

        @Test func destroyingAQueueRunsWhatIsLeft() async throws {
            let runs = Tally()
            try await onThread(on: Machine.first) {
                for cpu in Machine.cpus {
                    let queue = WorkQueue("ending")
                    let blocker = Blocker(queue, cpu)
                    for _ in 0..<10 { queue.put(WorkItem { _ = runs.add() }, to: cpu) }
                    blocker.end()
                }
            }
            #expect(runs.count == 10 * Machine.cpus.count)
        }

        @Test func destroyingAQueueRunsWhatWasDelayed() async throws {
            let runs = Tally()
            try await onThread(on: Machine.first) {
                let queue = WorkQueue("ending")
                let later = MonotonicClock.now() + 3_600_000_000_000
                #expect(queue.put(WorkItem { _ = runs.add() }, to: Machine.last, at: later))
                #expect(queue.put(WorkItem { _ = runs.add() }, to: nil, at: later))
                #expect(runs.count == 0)
            }
            #expect(runs.count == 2)
        }

        @Test func aQueueMayBeDestroyedByItsOwnWork() async throws {
            let ran = Flag(), mayGo = Flag()
            try await onThread(on: Machine.first) {
                let queue = WorkQueue("last")
                queue.put(
                    WorkItem {
                        mayGo.wait()
                        // The last use of what may be the last reference.
                        withExtendedLifetime(queue) {}
                        ran.raise()
                    }, to: Machine.last)
            }
            mayGo.raise()
            ran.wait()
        }

        @Test func itemsAreFreedOnceTheyHaveRun() async throws {
            let ends = Tally()
            let queue = WorkQueue("freed")
            try await onThread(on: Machine.first) {
                for _ in 0..<50 {
                    let witness = SharedWitness(ends: ends)
                    queue.put(WorkItem { withExtendedLifetime(witness) {} }, to: Machine.last)
                }
                queue.drain()
            }
            waitUntil { ends.count == 50 }
        }

        /// Queues that come and go on several threads, and whose last work makes another: the list of all queues must not
        /// be locked while one ends.
        @Test func queuesAreMadeWhileOthersEnd() async throws {
            let threads = (0..<4).map { _ in
                TestThread {
                    for _ in 0..<200 {
                        let queue = WorkQueue("passing")
                        queue.put(WorkItem { _ = WorkQueue("inner") }, to: Machine.last)
                    }
                }
            }
            for thread in threads { thread.join() }
        }

        /// As above, of a work that remembers the queue to which it was last put.
        @Test func aWorkMayDropAQueueWhoseWorkUsesIt() async throws {
            let lock = QPWLock(policy: .queue)
            let mayGo = Flag(), ran = Flag()
            let work = PerCPUWork(lock, cpu: Machine.last) { _ in }
            let mover = TestThread {
                let later = Duration.seconds(3600)
                var former: WorkQueue? = WorkQueue("former")
                let user = WorkItem {
                    mayGo.wait()
                    // Until the other thread waits for this.
                    System.sleep(nanoseconds: 20_000_000)
                    work.cancel()
                    work.queue(on: Machine.last, after: later)
                    ran.raise()
                }
                former?.put(user, to: Machine.last)
                work.queue(on: Machine.last, in: former!, after: later)
                work.cancel()
                // Now the last reference is the work's, and then nobody's.
                former = nil
                mayGo.raise()
                work.queue(on: Machine.last, after: later)
            }
            mover.join()
            ran.wait()
            work.cancel()
        }

        #if os(Linux) && !QPW_PORTABLE
        /// However its first user is pinned, and if every CPU is to be left alone: the program's CPUs, and no others.
        @Test(arguments: [false, true])
        func housekeepsAmongTheProgramsCPUs(isAllQuiet: Bool) async throws {
            let program = try #require(CPUSet.affinityOfProcess())
            let quiet = isAllQuiet ? program : [Machine.last]
            let other = CPU(program.last!.id + 1)
            let topology = Topology(possible: program.union([other]), isolated: quiet)
            let queue = WorkQueue("somewhere", topology: topology)
            let affinity = Guarded<CPUSet?>(nil)
            try await onThread(on: Machine.last) {
                let item = WorkItem { affinity.withLock { $0 = CPUSet.affinityOfCallingThread() } }
                queue.put(item, to: nil)
                queue.drain()
            }
            let rest = program.subtracting(quiet)
            #expect(affinity.withLock { $0 } == (rest.isEmpty ? program : rest))
        }

        private static func threads(_ name: String) -> [String] {
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
            return tasks.compactMap { task in
                let comm = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
                return comm.map { String($0.dropLast()) }
            }.filter { $0.hasPrefix(name + "/") }.sorted()
        }

        @Test func startsAWorkerWithTheFirstWorkOfACPU() async throws {
            try await onThread(on: Machine.first) {
                let queue = WorkQueue("lazyq")
                #expect(queue.name == "lazyq")
                #expect(Self.threads("lazyq") == [])
                for _ in 0..<3 { queue.put(WorkItem {}, to: Machine.last) }
                queue.drain()
                #expect(Self.threads("lazyq") == ["lazyq/\(Machine.last.id)"])
                let place = Guarded<(CPU, CPUSet)?>(nil)
                let look = WorkItem {
                    place.withLock { $0 = (.current, CPUSet.affinityOfCallingThread() ?? []) }
                }
                queue.put(look, to: Machine.first)
                queue.drain()
                #expect(Self.threads("lazyq").count == Set(Machine.cpus).count)
                let (cpu, affinity) = try #require(place.withLock { $0 })
                #expect(cpu == Machine.first)
                #expect(affinity == [Machine.first])
            }
            // The kernel lists a thread for a moment after it was joined.
            waitUntil { Self.threads("lazyq") == [] }
        }

        @Test func whoWorksInlineStartsNoWorker() async throws {
            #if QPW
            for policy in [QPWPolicy.lock, .fence, .rtLock, .automatic] {
                let queue = WorkQueue("idleq")
                let work = PerCPUWork(QPWLock(policy: policy), cpu: Machine.last) { _ in }
                try await onThread(on: Machine.first) { _ = work.queue(on: Machine.last, in: queue) }
                #expect(Self.threads("idleq") == [])
            }
            #endif
        }
        #endif
    }
}
