import Synchronization

/// A function that waits for its grace period, and the next one behind it.
struct Callback {
    typealias Link = UnsafeMutablePointer<Callback>

    fileprivate var next: Link?
    fileprivate let function: () -> Void
}

/// Callbacks that one thread has to itself: it took them from a CPU's list.
struct CallbackChain: @unchecked Sendable {
    private let first: Callback.Link

    private init(_ first: Callback.Link) { self.first = first }

    /// Runs and frees at most `limit` callbacks; tells how many it ran, and what is left.
    func run(limit: Int) -> (ran: Int, rest: CallbackChain?) {
        var ran = 0
        var rest: Callback.Link? = first
        while ran < limit, let link = rest {
            let callback = link.move()
            link.deallocate()
            rest = callback.next
            callback.function()
            ran += 1
        }
        return (ran, rest.map { CallbackChain($0) })
    }
}

// MARK: - A CPU's list

// A push is a compare-and-exchange, a take an exchange of the whole list: neither follows a link that another
// thread could be freeing, so an address that comes back (ABA) does no harm.
extension ReadCounters {
    /// Puts `function` on this CPU's list; returns how many were ever put there.
    func queue(_ function: sending @escaping () -> Void) -> Int {
        let link = Callback.Link.allocate(capacity: 1)
        link.initialize(to: Callback(next: nil, function: function))
        let cpu = currentCPU
        let number = queued(of: cpu).pointee.wrappingAdd(1, ordering: .relaxed).newValue
        var seen = callbacks(of: cpu).pointee.load(ordering: .relaxed)
        while true {
            link.pointee.next = Callback.Link(bitPattern: seen)
            let result = callbacks(of: cpu).pointee.weakCompareExchange(
                expected: seen, desired: UInt(bitPattern: link), successOrdering: .sequentiallyConsistent,
                failureOrdering: .relaxed)
            if result.exchanged { return number }
            seen = result.original
        }
    }

    var hasQueued: Bool {
        (0..<count).contains { callbacks(of: $0).pointee.load(ordering: .sequentiallyConsistent) != 0 }
    }

    /// How many were ever queued, on all CPUs.
    var totalQueued: Int {
        (0..<count).reduce(0) { $0 + queued(of: $1).pointee.load(ordering: .relaxed) }
    }
}

extension CallbackChain {
    /// What each CPU has on its list.
    static func takeAll(from counters: ReadCounters) -> [CallbackChain] {
        (0..<counters.count).compactMap { cpu in
            let head = counters.callbacks(of: cpu)
            guard head.pointee.load(ordering: .sequentiallyConsistent) != 0 else { return nil }
            return Callback.Link(bitPattern: head.pointee.exchange(0, ordering: .sequentiallyConsistent))
                .map { CallbackChain($0) }
        }
    }
}
