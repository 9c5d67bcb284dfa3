import CQPW
import QPW
import Synchronization

/// What a lock guards here: two plain counters that must agree whenever somebody comes in.
struct LedgerEntries {
    var first = 0
    var second = 0
}

/// One CPU's books. Plain memory: nothing but the lock orders what is done to it.
struct Ledger: @unchecked Sendable {
    let entries: UnsafeMutablePointer<LedgerEntries>
    let cpu: CPU
}

/// How somebody enters something into the books.
struct Bookkeeper: Sendable {
    enum Dwelling: Sendable {
        case not
        case pausing(Int)
        case yielding
        case sleeping(nanoseconds: Int64)
        case moving(to: CPU)
    }

    let findings: Findings
    /// Nil for what is done in a signal handler.
    let actor: Actor?
    var dwelling = Dwelling.not

    /// Does all but the last store, for which it returns the value.
    func begin(_ ledger: Ledger) -> Int {
        guard let actor else { return enterFirst(ledger) }
        var value = 0
        actor.hold(ledger.cpu) { value = enterFirst(ledger) }
        return value
    }

    func end(_ ledger: Ledger, _ value: Int) {
        ledger.entries.pointee.second = value
    }

    func enter(_ ledger: Ledger) { end(ledger, begin(ledger)) }

    private func enterFirst(_ ledger: Ledger) -> Int {
        let before = ledger.entries.pointee.first
        let agreed = before == ledger.entries.pointee.second
        ledger.entries.pointee.first = before &+ 1
        dwell()
        let alone = ledger.entries.pointee.first == before &+ 1 && ledger.entries.pointee.second == before
        if !agreed || !alone { findings.note(.overlap, by: actor?.number, on: ledger.cpu) }
        return before &+ 1
    }

    /// Opaque to the optimiser in every case, so that each of the loads and stores around it is one.
    @inline(never)
    private func dwell() {
        switch dwelling {
        case .not: break
        case .pausing(let rounds): for _ in 0..<rounds { qpw_pause() }
        case .yielding: yieldThread()
        case .sleeping(let nanoseconds): System.sleep(nanoseconds: nanoseconds)
        case .moving(let cpu): _ = System.pinThread(to: cpu)
        }
    }
}

/// Books for locks that keep none themselves, 128 bytes for each CPU.
final class LedgerSlab: @unchecked Sendable {
    private static let stride = 128
    private let base: UnsafeMutableRawPointer
    let cpus: [CPU]

    init(_ cpus: [CPU]) {
        self.cpus = cpus
        let bytes = (cpus.map(\.id).max()! + 1) * Self.stride
        base = .allocate(byteCount: bytes, alignment: Self.stride)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit { base.deallocate() }

    subscript(cpu: CPU) -> Ledger {
        let address = base + cpu.id * Self.stride
        return Ledger(entries: address.assumingMemoryBound(to: LedgerEntries.self), cpu: cpu)
    }

    /// The books of the calling thread's CPU, for what is no lock.
    ///
    /// A loop, and nothing generic: signal handlers come here, and what is not specialised may allocate.
    var here: Ledger {
        let current = CPU.current
        var index = 0
        while index < cpus.count {
            if cpus[index].id == current.id { return self[current] }
            index += 1
        }
        return self[cpus[0]]
    }

    func booked() -> Int { cpus.reduce(0) { $0 + self[$1].entries.pointee.first } }
}
