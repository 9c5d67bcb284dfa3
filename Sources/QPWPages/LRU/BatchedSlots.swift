import QPW
import Synchronization

// field    | who writes                                        | under                   | memory order
// ---------|---------------------------------------------------|-------------------------|---------------------------
// current  | who detaches it                                   | the slot, and the gate  | none
// spare    | the same                                          | the slot, and the gate  | none
// current's| who holds the slot                                | the slot                | none
//  batches |                                                   |                         |
// spare's  | who has detached it                               | the gate                | none
//  batches |                                                   |                         |
// counts   | who holds the slot                                | the slot                | relaxed: anybody reads them
// detached | who detaches, with a slot held (push); the drainer| the gate, for the latter| release; acquire by exchange
//
// Whoever takes a bank away from its CPU has the gate of drains, so there is one such at a time: the spare bank is empty
// when he comes, and when he leaves the gate it is empty again. So a visit is a few stores, however much is in the bank.

/// What one CPU holds: the value of its slot.
struct CPUBanks: ~Copyable, SnapshotReadable {
    var current: Bank
    var spare: Bank
    let movedFull = Atomic<Int>(0)
    let movedHeavy = Atomic<Int>(0)
    let movedUnbatched = Atomic<Int>(0)
    let movedLocally = Atomic<Int>(0)

    init(_ current: Bank, _ spare: Bank) {
        self.current = current
        self.spare = spare
    }

    /// With the slot held: plain load and store.
    static func count(_ counter: borrowing Atomic<Int>) {
        counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }
}

/// Batches that are guarded by one lock for each CPU.
struct BatchedSlots: ~Copyable, @unchecked Sendable {
    let slots: PerCPU<CPUBanks>
    /// What each batch of a bank is for, in the order in which a drain moves them.
    let moves: [Move]
    private let memory: CPUMemory
    private let detached = Atomic<UInt>(0)

    init(_ name: String, policy: QPWPolicy?, topology: Topology, moves: [Move]) {
        self.moves = moves
        let bankSize = Bank.headerSize + moves.count * FolioBatch.size
        let memory = CPUMemory(bytesPerCPU: 2 * bankSize, topology: topology, for: name)
        slots = PerCPU(name, policy: policy, topology: topology) { cpu in
            CPUBanks(Bank(address: memory[cpu]), Bank(address: memory[cpu] + bankSize))
        }
        self.memory = memory
    }
}

// MARK: - Detaching

extension BatchedSlots {
    /// With the slot held and the gate: takes the CPU's bank away and gives it the other, by a few stores.
    func detach(_ banks: inout CPUBanks) {
        swap(&banks.current, &banks.spare)
        var seen = detached.load(ordering: .relaxed)
        while true {
            banks.spare.link = UnsafeMutableRawPointer(bitPattern: seen).map { Bank(address: $0) }
            let result = detached.weakCompareExchange(
                expected: seen, desired: UInt(bitPattern: banks.spare.address), ordering: .releasing)
            if result.exchanged { return }
            seen = result.original
        }
    }

    /// With the gate: each bank that was detached, to be left empty.
    func forEachDetached(_ body: (Bank) -> Void) {
        var next = UnsafeMutableRawPointer(bitPattern: detached.exchange(0, ordering: .acquiring))
        while let address = next {
            let bank = Bank(address: address)
            next = bank.link?.address
            body(bank)
        }
    }

    func needsDrain(_ cpu: CPU, _ extent: DrainExtent) -> Bool {
        extent == .everyCPU || !slots.dirty(of: cpu).isEmpty
    }

    func isEmpty(_ bank: Bank) -> Bool { bank.isEmpty(batches: moves.count) }
}
