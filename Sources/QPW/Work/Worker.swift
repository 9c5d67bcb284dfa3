import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// A thread that runs tickets in the order in which they were pushed.
//
// field       | who writes                        | memory order
// ------------|-----------------------------------|------------------------------------------------------------------
// head        | pushers (push), the worker (take) | release by the push, acquire by the exchange that takes all
// signal      | pushers, the worker               | read-modify-write, acquire-release
// isStopping  | who ends the queue                | store release; loaded acquire after `signal` was set to `awake`
// outstanding | pushers, the workers of a queue   | sequentially consistent: see WorkQueue.drain
// parked      | the worker                        | its own
//
// No ticket is left behind while the worker sleeps. A pusher links, then exchanges `signal` for `news`; the worker
// exchanges it for `awake`, takes the list, and sleeps only by turning `awake` into `asleep`. All three are
// read-modify-writes of one word, so they have one order. If the pusher's comes before the worker's exchange, that reads
// what he wrote, or what a later pusher made of it: release and acquire, so the link is seen by the taking. If it comes
// after, it is either before `asleep`, which then fails, or after it, and then the pusher sees `asleep` and wakes; the
// system lets nobody sleep on a word that has changed. Nothing here compares the orders of two words, so nothing need be
// sequentially consistent. `isStopping` is stored before a push, and seen with it. An idle worker sleeps without a
// time-out and costs nothing.
final class Worker: @unchecked Sendable {
    enum Placement: Sendable {
        /// On one CPU; where that cannot be had, wherever the system lets it run.
        case pinned(CPU)
        /// On any of these, which are the program's.
        case housekeeping(CPUSet)
    }

    /// The tickets of a queue that have been pushed and are neither run nor parked.
    final class Outstanding: Sendable {
        let count = Atomic<Int>(0)
    }

    private enum Signal {
        static let awake: UInt32 = 0
        static let news: UInt32 = 1
        static let asleep: UInt32 = 2
    }

    private let name: String
    /// Of a pinned worker.
    private let cpu: CPU?
    /// Of a housekeeping one. Two fields and no enum: there the leak checker does not see the set.
    private let cpus: CPUSet
    private let outstanding: Outstanding
    private let head = Atomic<UInt>(0)
    private let signal: UnsafeMutablePointer<Atomic<UInt32>>
    private let isStopping = Atomic<Bool>(false)
    private let thread = Guarded<pthread_t?>(nil)
    private var parked: [Ticket] = []
    /// Beyond this many, those that were cancelled are looked for and dropped.
    private var parkedLimit = 64

    private init(_ name: String, _ placement: Placement, _ outstanding: Outstanding) {
        self.name = name
        switch placement {
        case .pinned(let cpu): (self.cpu, cpus) = (cpu, [])
        case .housekeeping(let cpus): (cpu, self.cpus) = (nil, cpus)
        }
        self.outstanding = outstanding
        signal = .allocate(capacity: 1)
        signal.initialize(to: Atomic(Signal.awake))
    }

    deinit {
        // The ticket that made the worker look up may have come after it had seen that it was to stop.
        _ = TicketList.takeAll(from: head)
        signal.deinitialize(count: 1)
        signal.deallocate()
    }

    /// Nil if the system has no room for a thread.
    static func start(_ name: String, _ placement: Placement, _ outstanding: Outstanding) -> Worker? {
        let worker = Worker(name, placement, outstanding)
        guard let thread = startThread({ worker.main() }) else { return nil }
        worker.thread.withLock { $0 = thread }
        return worker
    }

    func push(_ ticket: Ticket) {
        outstanding.count.wrappingAdd(1, ordering: .sequentiallyConsistent)
        TicketList.push(ticket, on: head)
        inject(.pushed)
        if signal.pointee.exchange(Signal.news, ordering: .acquiringAndReleasing) == Signal.asleep {
            System.wakeAll(UnsafeRawPointer(signal))
        }
    }

    /// Runs all that is left, what is not yet due as well, and ends the thread.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        push(Ticket.none())
        guard let thread = thread.withLock({ $0.take() }) else { return }
        if pthread_equal(thread, pthread_self()) != 0 {
            // The last reference to the queue was dropped by one of its own items.
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }
}

// MARK: - The thread

extension Worker {
    private func main() {
        System.nameThread(name)
        enterPlacement()
        while true {
            // Not a store: it has to read what a pusher left, to see what he linked before.
            _ = signal.pointee.exchange(Signal.awake, ordering: .acquiringAndReleasing)
            inject(.awake)
            let stopping = isStopping.load(ordering: .acquiring)
            returnToCPU()
            let tickets = TicketList.takeAll(from: head)
            for ticket in tickets { takeUp(ticket) }
            runParked(until: stopping ? .max : MonotonicClock.now())
            if !tickets.isEmpty { continue }
            if stopping && parked.isEmpty { return }
            sleep()
        }
    }

    private func enterPlacement() {
        // Refused only if the system has taken these CPUs from the program since: then where the starter may run.
        guard let cpu else { return _ = System.setAffinity(cpus) }
        WorkerIdentity.becomeWorker(of: cpu)
        _ = System.pinThread(to: cpu)
    }

    /// A CPU that went offline or left the cpuset takes its threads' affinity with it.
    private func returnToCPU() {
        if let cpu, System.currentCPU() != cpu.id { _ = System.pinThread(to: cpu) }
    }

    private func sleep() {
        inject(.sleep)
        let result = signal.pointee.compareExchange(
            expected: Signal.awake, desired: Signal.asleep, ordering: .acquiringAndReleasing)
        guard result.exchanged else { return }
        let nanoseconds = parked.map(\.due).min().map { max(0, $0 - MonotonicClock.now()) }
        System.wait(on: UnsafeRawPointer(signal), expected: Signal.asleep, nanoseconds: nanoseconds)
    }

    private func takeUp(_ ticket: Ticket) {
        if ticket.due > MonotonicClock.now() { park(ticket) } else { ticket.run() }
        outstanding.count.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    private func park(_ ticket: Ticket) {
        if parked.count >= parkedLimit {
            parked.removeAll { !$0.isCurrent }
            parkedLimit = max(64, parked.count * 2)
        }
        parked.append(ticket)
    }

    private func runParked(until time: Int64) {
        guard parked.contains(where: { $0.due <= time }) else { return }
        let due = parked.filter { $0.due <= time }.sorted { $0.due < $1.due }
        parked.removeAll { $0.due <= time }
        for ticket in due { ticket.run() }
    }
}

extension Ticket {
    /// One that nothing comes of, to make a worker look up.
    static func none() -> Ticket { WorkItem {}.queue()! }
}
