@testable import QPW

/// What the checker drives: real locks and broken ones alike.
protocol Exclusion: Sendable {
    /// The CPUs that a housekeeper may name.
    var cpus: [CPU] { get }

    /// Runs `body` on the books of the calling thread's CPU, waiting for them.
    func own(_ body: (Ledger) -> Void)

    /// The same, or false at once. May be called by a signal handler.
    func tryOwn(_ body: (Ledger) -> Void) -> Bool

    /// Runs `body` on the books of `cpu`.
    func remote(_ cpu: CPU, _ body: @escaping @Sendable (Ledger) -> Void)

    /// All that was booked; called when nobody else is about.
    func booked() -> Int
}

/// What a lock guards here: two plain counters that must agree whenever somebody comes in.
struct Entries {
    var first = 0
    var second = 0
}

/// One CPU's books. Plain memory: the thread sanitizer sees what the lock does not order.
struct Ledger: @unchecked Sendable {
    let entries: UnsafeMutablePointer<Entries>

    /// Books one entry, dwelling between its halves; false if somebody else was there.
    func book(_ dwell: () -> Void) -> Bool {
        let before = entries.pointee.first
        let agreed = before == entries.pointee.second
        entries.pointee.first = before &+ 1
        dwell()
        let alone = entries.pointee.first == before &+ 1 && entries.pointee.second == before
        entries.pointee.second = before &+ 1
        return agreed && alone
    }
}

/// Books for locks that keep none themselves, 128 bytes for each CPU.
final class Slab: @unchecked Sendable {
    static let stride = 128
    let base: UnsafeMutableRawPointer
    let cpus: [CPU]
    let count: Int

    init(_ cpus: [CPU]) {
        self.cpus = cpus
        count = cpus.last!.id + 1
        base = .allocate(byteCount: count * Self.stride, alignment: 128)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: count * Self.stride)
    }

    deinit { base.deallocate() }

    /// The lock's words come first, the books after them.
    func slot(_ cpu: CPU) -> UnsafeMutableRawPointer { base + cpu.id * Self.stride }

    /// The caller's CPU; the first, where that has no books.
    ///
    /// A loop, and nothing generic: signal handlers come here, and what is not specialised may allocate.
    func here() -> CPU {
        let current = CPU.current
        var index = 0
        while index < cpus.count {
            if cpus[index].id == current.id { return current }
            index += 1
        }
        return cpus[0]
    }

    func ledger(_ cpu: CPU) -> Ledger { Self.ledger(at: slot(cpu)) }

    static func ledger(at slot: UnsafeMutableRawPointer) -> Ledger {
        Ledger(entries: (slot + 64).assumingMemoryBound(to: Entries.self))
    }

    func booked() -> Int { cpus.reduce(0) { $0 + ledger($1).entries.pointee.first } }
}
