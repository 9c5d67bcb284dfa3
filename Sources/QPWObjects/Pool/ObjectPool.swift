public import QPW
import Synchronization

// field      | who writes                                         | under what            | memory order
// -----------|----------------------------------------------------|-----------------------|--------------------------
// magazines  | who takes the slot; restartable pushes and pops    | the slot              | PerCPU+Stack.swift
// overflow   | who finds his magazine empty or full               | its lock              |
// a cell     | its borrower                                       | nothing: it is his    | see below
// made, ended| who makes or ends an object                        | nothing               | relaxed: statistics
//
// One user at a time. A cell's address is in one magazine, or in the overflow, or with one borrower: a pop removes it where
// it finds it, before anybody else can, and a push is its borrower's last act with it. What the last borrower wrote is
// seen by the next: both are on one CPU, or a lock, the slot's or the overflow's, lies between them.
//
// The bound. Magazines have room for half of the capacity at most, all CPUs together, and the overflow for the rest; what
// finds no room is ended. What a flush has detached is no longer in the pool, and is ended.

/// Objects that are expensive to make, such as buffers, parsers or connections, kept as they are between their uses.
///
/// For instances of classes and for values, noncopyable ones too. An object is checked out and in, and meanwhile is its
/// user's alone, on whatever CPU or thread: so it may be used across `await`. Idle objects are kept for each CPU, with no
/// atomic instruction, and those that are too many for a CPU in a list that all share.
///
/// ```swift
/// let parsers = ObjectPool<Parser>("parsers", capacity: 64, reset: { $0.reset() }) { Parser() }
/// let document = parsers.withObject { parser in parser.parse(text) }
/// ```
///
/// Thread-safe; not for signal handlers. Kernel counterpart: a `kmem_cache` with a constructor (mm/slub.c), and
/// `mempool_t` (mm/mempool.c).
public final class ObjectPool<Element: ~Copyable>: @unchecked Sendable {
    /// What messages call the pool.
    public let name: String
    /// The most idle objects that are kept, over all CPUs.
    public let capacity: Int

    @usableFromInline let magazines: PerCPU<PoolMagazine>
    @usableFromInline let reset: (@Sendable (inout Element) -> Void)?
    private let memory: MemorySource
    private let make: @Sendable () -> sending Element
    private let magazineCapacity: Int
    private let overflow: PoolOverflow
    private let madeCount = Atomic<Int>(0)
    private let endedCount = Atomic<Int>(0)

    /// Makes an empty pool.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - capacity: the most idle objects to keep, 0 or more. A CPU keeps up to 32 of them, if half of the capacity
    ///     suffices for all possible CPUs to do so: below two for each of them, every object is kept in the shared list.
    ///   - policy: what a ``flush()`` costs the CPUs that use the pool.
    ///   - topology: which CPUs there are.
    ///   - reset: makes an object fit for its next use; called when it is returned, by who returns it.
    ///   - make: makes an object, when one is wanted and none is idle.
    public convenience init(
        _ name: String = "\(ObjectPool.self)", capacity: Int = 256, policy: QPWPolicy? = nil,
        topology: Topology = .system, reset: (@Sendable (inout Element) -> Void)? = nil,
        make: @escaping @Sendable () -> sending Element
    ) {
        self.init(
            name, capacity: capacity, policy: policy, topology: topology, reset: reset, memory: .system,
            make: make)
    }

    init(
        _ name: String, capacity: Int, policy: QPWPolicy?, topology: Topology,
        reset: (@Sendable (inout Element) -> Void)?, memory: MemorySource,
        make: @escaping @Sendable () -> sending Element
    ) {
        precondition(capacity >= 0, "'\(name)': a capacity is not negative")
        self.name = name
        self.capacity = capacity
        self.reset = reset
        self.make = make
        self.memory = memory
        magazines = PerCPU(name, policy: policy, topology: topology) { _ in PoolMagazine() }
        let cpus = magazines.cpus.count
        magazineCapacity = min(32, capacity / 2 / cpus)
        overflow = PoolOverflow(capacity: capacity - magazineCapacity * cpus, memory)
    }

    /// Ends the idle objects. There are no others: a borrowed object keeps its pool.
    deinit {
        magazines.forEachUnshared { magazine, _ in end(magazine.cells) }
        while let cell = overflow.takeAny() { end(cell) }
    }

    /// Objects that were ever made.
    public var made: Int { madeCount.load(ordering: .relaxed) }
    /// Objects that there are, borrowed or idle.
    public var count: Int { made - endedCount.load(ordering: .relaxed) }

    /// Ends all idle objects; returns how many.
    ///
    /// Only CPUs that may have some are visited. Objects that are returned meanwhile may be idle when it ends. Kernel
    /// counterpart: `kmem_cache_shrink`.
    @available(*, noasync) @discardableResult
    public func flush() -> Int {
        let before = endedCount.load(ordering: .relaxed)
        for cpu in magazines.cpus where !magazines.dirty(of: cpu).isEmpty {
            end(
                magazines.perform(on: cpu) { magazine in
                    magazines.unmark(cpu, .all)
                    let cells = magazine.cells
                    magazine.cells = .bootstrap
                    return cells
                })
        }
        while let cell = overflow.takeAny() { end(cell) }
        return endedCount.load(ordering: .relaxed) - before
    }

    /// Objects that are idle, about: the magazines are read one after the other. For tests.
    var idleCount: Int {
        magazines.reduce(into: overflow.count) { sum, magazine, _ in sum += magazine.cells.size }
    }
}

// MARK: - Check-out and check-in

extension ObjectPool where Element: ~Copyable {
    @usableFromInline @inline(never)
    func takeSlow() -> UnsafeMutablePointer<Element> {
        let idle = magazines.withLocal { magazine, _ -> Object? in
            let cell = magazine.cells.pop() ?? overflow.take(filling: magazine.cells)
            return cell.map { Object(address: $0) }
        }
        if let idle { return idle.address.assumingMemoryBound(to: Element.self) }
        let cell = UnsafeMutablePointer<Element>.allocate(capacity: 1)
        cell.initialize(to: make())
        madeCount.wrappingAdd(1, ordering: .relaxed)
        return cell
    }

    @usableFromInline @inline(never)
    func giveSlow(_ cell: UnsafeMutablePointer<Element>) {
        let object = Object(address: UnsafeMutableRawPointer(cell))
        let isKept = magazines.withLocal { magazine, cpu in
            if magazine.cells.isBootstrap { furnish(&magazine, cpu) }
            if !magazine.cells.isFull {
                magazine.cells.push(object.address)
                return true
            }
            return overflow.put(object.address, emptying: magazine.cells)
        }
        if !isKept { end(object.address) }
    }

    /// Gives a CPU a magazine, or leaves it without if that has no room or there is no memory.
    private func furnish(_ magazine: inout PoolMagazine, _ cpu: CPU) {
        guard magazineCapacity > 0, let cells = Sheaf.make(capacity: magazineCapacity, from: memory) else {
            return
        }
        magazine.cells = cells
        magazines.markDirty(cpu)
    }

    @usableFromInline
    func end(_ cell: UnsafeMutableRawPointer) {
        let cell = cell.assumingMemoryBound(to: Element.self)
        cell.deinitialize(count: 1)
        cell.deallocate()
        endedCount.wrappingAdd(1, ordering: .relaxed)
    }

    private func end(_ cells: Sheaf) {
        while let cell = cells.pop() { end(cell) }
        if !cells.isBootstrap { cells.destroy(memory) }
    }
}
