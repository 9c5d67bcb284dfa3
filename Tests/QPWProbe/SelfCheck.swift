import QPW
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

let everyPolicy: [QPWPolicy] = {
    #if QPW
    [.queue, .lock, .fence, .deferred(escalateAfter: .milliseconds(1)), .rtQueue, .rtLock, .automatic]
    #else
    [.queue]
    #endif
}()

/// Uses each kind of structure from three threads under each policy, and adds up.
func selfCheck(rounds: Int) {
    for policy in everyPolicy { check(policy, rounds) }
    print("OK: sections \(Capabilities.system.rseq == .available), \(everyPolicy.count) policies")
}

private final class Structures: Sendable {
    let slots: PerCPU<(Int, Int)>
    let lock: QPWLock
    let counter = PerCPUCounter()
    let runs = Atomic<Int>(0)

    init(_ policy: QPWPolicy) {
        slots = PerCPU("slots", policy: policy) { _ in (0, 0) }
        lock = QPWLock("lock", policy: policy)
    }

    func use(_ rounds: Int) {
        for round in 0..<rounds {
            slots.withLocal { value, cpu in
                value.0 += 1
                value.1 += 1
                slots.markDirty(cpu)
            }
            lock.unlockLocal(lock.lockLocal())
            counter.add()
            guard round % 10 == 0 else { continue }
            for cpu in slots.cpus {
                slots.perform(on: cpu) { value in
                    precondition(value.0 == value.1)
                    value.0 += 1
                    value.1 += 1
                }
            }
            slots.drain { value, _ in precondition(value.0 == value.1) }
            let work = PerCPUWork(lock, cpu: slots.cpus[0]) { [self] cpu in
                lock.lock(cpu)
                runs.wrappingAdd(1, ordering: .relaxed)
                lock.unlock(cpu)
            }
            work.queue(on: slots.cpus[0])
            work.flush()
        }
    }
}

private func check(_ policy: QPWPolicy, _ rounds: Int) {
    let all = Structures(policy)
    let threads = (0..<3).compactMap { _ in startThread { all.use(rounds) } }
    for thread in threads { pthread_join(thread, nil) }
    let performs = (rounds + 9) / 10
    let sum = all.slots.reduce(into: 0) { sum, value, _ in sum += value.0 }
    precondition(threads.count == 3)
    precondition(sum == 3 * (rounds + performs * all.slots.cpus.count), "\(policy): \(sum)")
    precondition(all.counter.value == 3 * rounds, "\(policy): counter \(all.counter.value)")
    precondition(all.runs.load(ordering: .relaxed) == 3 * performs)
}
