// Remote work that gives up in time, owners that go elsewhere, and how long anybody was kept waiting.
import Dispatch
import QPW

let sessions = PerCPU<Int>("sessions", policy: .lock) { _ in 0 }
let busy = sessions.cpus[0]
let isHeld = DispatchSemaphore(value: 0)
let mayEnd = DispatchSemaphore(value: 0)

// A housekeeper who stays in a slot for too long.
let slow = DispatchQueue(label: "slow")
slow.async {
    sessions.perform(on: busy) { count in
        count += 1
        isHeld.signal()
        mayEnd.wait()
    }
}
isHeld.wait()

// Somebody else does not wait for ever, and learns for whom he would.
do throws(QPWTimeout) {
    try sessions.perform(on: busy, timeout: .milliseconds(5)) { count in count += 1 }
    preconditionFailure("the slot was held")
} catch {
    print(error)
    precondition(error.structure == "sessions" && error.cpu == busy)
}

// An owner does not wait at all: nil is a reason to use something else.
let before = CycleCounter.now()
let outcome: Void? = sessions.tryWithLocal { count, _ in count += 1 }
print("tried for \(CycleCounter.now() - before) cycles: \(outcome == nil ? "held" : "free")")

mayEnd.signal()
slow.sync {}
try sessions.perform(on: busy, timeout: .seconds(10)) { count in count += 1 }

// For a metric: how long owners may have been kept waiting, in cycles. None, if the slow one ran on that CPU himself.
let contention: Contention = sessions.contention
print("waits \(contention.waits), longest remote hold \(contention.longestRemoteHold) cycles")
precondition(contention.waits > 0)
