import CQPW
import Synchronization

// Lock checking: in debug builds, every rule that a caller can break is checked where it is broken.
//
// Each thread has a short stack of the slots it holds; each pair "taken while holding" is an edge of a graph of
// structures, in which a cycle is an order in which two owners could wait for each other. A signal handler may push and
// pop on its thread's stack in between: `depth` grows before the entry is written and shrinks after.
//
// Kernel counterpart: lockdep (kernel/locking/lockdep.c).
extension SlotTable {
    #if DEBUG
    @usableFromInline @inline(never)
    package func willAcquire() {
        assertUsable()
        LockCheck.willAcquire(self)
    }

    @usableFromInline @inline(never)
    package func didAcquire(_ slot: Slot) {
        slot.holder.pointee.store(System.threadID(), ordering: .relaxed)
        LockCheck.push(identity, slot.cpu)
    }

    @usableFromInline @inline(never)
    package func willRelease(_ slot: Slot) {
        LockCheck.pop(self, slot.cpu)
        slot.holder.pointee.store(0, ordering: .relaxed)
    }
    #endif

    /// Traps in debug builds unless this thread holds the slot of `cpu`.
    package func assertHeld(_ cpu: CPU) {
        #if DEBUG
        if !LockCheck.holds(identity, cpu) {
            trap("assertHeld: this thread does not hold '\(name)' on \(cpu). Take it first.")
        }
        #endif
    }
}

enum LockCheck {
    /// Traps in debug builds if the calling thread holds a slot: holding one is atomic context.
    static func mayBlock(_ operation: StaticString, _ structure: @autoclosure () -> String) {
        #if DEBUG
        let held = heldByThisThread()
        guard held.pointee.depth > 0 else { return }
        let (name, cpu) = describe(entry(held, Int(held.pointee.depth) - 1))
        trap(
            "\(operation) on '\(structure())' while holding '\(name)' on \(cpu): two owners who do that to each other "
                + "wait for ever. Leave the slot first: take what is to be worked on out of it, and work outside."
        )
        #endif
    }

    #if DEBUG
    /// Never inlined: each object file that C's inline function is compiled into has its own thread-local memory.
    @inline(never)
    private static func heldByThisThread() -> UnsafeMutablePointer<qpw_held> { qpw_held_by_this_thread() }

    fileprivate struct Orders {
        var names: [UInt32: String] = [:]
        var takenWhileHolding: [UInt32: Set<UInt32>] = [:]
    }

    private static let orders = Guarded(Orders())

    static func willAcquire(_ table: SlotTable) {
        let held = heldByThisThread()
        for index in 0..<min(Int(held.pointee.depth), Int(QPW_HELD_MAX)) {
            let entry = entry(held, index)
            if entry.structure == table.identity {
                trap(
                    "'\(table.name)' is entered while this thread holds it on CPU \(entry.cpu): a slot's lock does not "
                        + "nest. Do both in one body, or use tryWithLocal and do without when it is nil.")
            }
            noteOrder(from: entry, to: table)
        }
    }

    static func push(_ structure: UInt32, _ cpu: CPU) {
        let held = heldByThisThread()
        held.pointee.depth += 1
        let index = Int(held.pointee.depth) - 1
        guard index < Int(QPW_HELD_MAX) else {
            trap("a thread holds more than \(QPW_HELD_MAX) slots at once")
        }
        qpw_held_entries(held)[index].structure = structure
        qpw_held_entries(held)[index].cpu = Int32(cpu.id)
    }

    /// Slots may be left in any order.
    static func pop(_ table: SlotTable, _ cpu: CPU) {
        let held = heldByThisThread()
        let depth = Int(held.pointee.depth)
        let found = index(of: table.identity, cpu, in: held)
        guard let found else { trap("'\(table.name)' is left on \(cpu) by a thread that does not hold it.") }
        var index = found
        while index < depth - 1 {
            qpw_held_entries(held)[index] = qpw_held_entries(held)[index + 1]
            index += 1
        }
        held.pointee.depth -= 1
    }

    static func holds(_ structure: UInt32, _ cpu: CPU) -> Bool {
        let held = heldByThisThread()
        return index(of: structure, cpu, in: held) != nil
    }

    /// Loops and no closures: this runs in signal handlers, too.
    private static func index(
        of structure: UInt32, _ cpu: CPU, in held: UnsafeMutablePointer<qpw_held>
    ) -> Int? {
        var index = Int(held.pointee.depth) - 1
        while index >= 0 {
            let entry = entry(held, index)
            if entry.structure == structure && Int(entry.cpu) == cpu.id { return index }
            index -= 1
        }
        return nil
    }

    private typealias Entry = (structure: UInt32, cpu: Int32)

    private static func entry(_ held: UnsafeMutablePointer<qpw_held>, _ index: Int) -> Entry {
        (qpw_held_entries(held)[index].structure, qpw_held_entries(held)[index].cpu)
    }

    private static func describe(_ entry: Entry) -> (String, CPU) {
        let name = orders.withLock { $0.names[entry.structure] }
        return (name ?? "structure \(entry.structure)", CPU(Int(entry.cpu)))
    }

    private static func noteOrder(from outer: Entry, to inner: SlotTable) {
        let inversion: String? = orders.withLock { orders in
            orders.names[inner.identity] = inner.name
            let isNew = orders.takenWhileHolding[outer.structure, default: []].insert(inner.identity).inserted
            guard isNew, orders.leads(from: inner.identity, to: outer.structure) else { return nil }
            return orders.names[outer.structure] ?? "structure \(outer.structure)"
        }
        if let outerName = inversion {
            trap(
                "'\(inner.name)' is entered while holding '\(outerName)', and elsewhere '\(outerName)' was entered "
                    + "while holding '\(inner.name)', directly or by way of others: two threads that do so wait for each "
                    + "other. Take them in one order everywhere, or one after the other.")
        }
    }

    static func learnName(of table: SlotTable) {
        orders.withLock { $0.names[table.identity] = table.name }
    }

    static func forget(_ table: SlotTable) {
        orders.withLock { orders in
            orders.names[table.identity] = nil
            orders.takenWhileHolding[table.identity] = nil
        }
    }
    #endif
}

#if DEBUG
extension LockCheck.Orders {
    /// Whether some structure was ever entered while holding `start`, and so on, until `end`.
    fileprivate func leads(from start: UInt32, to end: UInt32) -> Bool {
        var seen: Set<UInt32> = [start]
        var frontier = [start]
        while let structure = frontier.popLast() {
            if structure == end { return true }
            for next in takenWhileHolding[structure, default: []] where seen.insert(next).inserted {
                frontier.append(next)
            }
        }
        return false
    }
}
#endif
