import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

/// A thread that sits in a slot until it is told to leave.
final class Sitter: Sendable {
    private let entered = Flag()
    private let leaving = Flag()
    private let place = Place()
    private let thread = Guarded<TestThread?>(nil)

    /// `enter` takes the slot and calls what it is given with the slot's CPU.
    init(on cpu: CPU? = nil, _ enter: @escaping @Sendable (_ sit: (CPU) -> Void) -> Void) {
        let started = TestThread(on: cpu) { [entered, leaving, place] in
            enter { cpu in
                place.value.withLock { $0 = (cpu, thisThread()) }
                entered.raise()
                leaving.wait()
            }
        }
        thread.withLock { $0 = started }
        entered.wait()
    }

    convenience init<Value: ~Copyable>(on cpu: CPU? = nil, in cell: Cell<Value>) {
        self.init(on: cpu) { sit in cell.slots.withLocal { _, cpu in sit(cpu) } }
    }

    convenience init(on cpu: CPU? = nil, in lock: QPWLock) {
        self.init(on: cpu) { sit in
            let cpu = lock.lockLocal()
            sit(cpu)
            lock.unlockLocal(cpu)
        }
    }

    /// The CPU whose slot it holds.
    var cpu: CPU { place.value.withLock { $0.cpu } }

    var threadID: UInt { place.value.withLock { $0.thread } }

    func leave() {
        leaving.raise()
        thread.withLock { $0 }?.join()
    }

    deinit { leaving.raise() }
}

private final class Place: Sendable {
    let value = Guarded<(cpu: CPU, thread: UInt)>((0, 0))
}
