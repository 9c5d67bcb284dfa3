import QPW
import Synchronization

// field    | who writes                                        | under                   | memory order
// ---------|---------------------------------------------------|-------------------------|---------------------------
// current  | who detaches it                                   | the slot, and the gate  | none
// spare    | the same                                          | the slot, and the gate  | none
// current's| who holds the slot                                | the slot                | entries none; counts relaxed,
//  batches | additions, in the first of them: see below        | a section, or the slot  |  lowered with release: who
// spare's  | who has detached it                               | the gate                |  drains looks with acquire
//  batches |                                                   |                         |
// moved…   | who holds the slot                                | the slot                | relaxed: anybody reads them
// detached | who detaches, with a slot held (push); the drainer| the gate, for the latter| release; acquire by exchange
//
// Whoever takes a bank away from its CPU has the gate of drains, so there is one such at a time: the spare bank is empty
// when he comes, and when he leaves the gate it is empty again. So a visit is a few stores, however much is in the bank.
//
// An addition that does not fill its batch may be a restartable push, which goes through only while nobody holds or claims the
// slot, and so comes before or after all that a holder does. It neither marks the CPU nor looks whether batching is disabled.
// A batch's push limit does both for it: it is raised with the slot held, by who puts in the first or has just moved a full
// batch, when he marks the CPU and sees that batching is not disabled; and it is zero again before the mark is taken off, or
// goes with the bank, whose drainer lowers it before he leaves the gate.
//
// - What was pushed is under a mark. The mark was there before pushes were; and who takes it off has the slot, and moves or
//   takes away all that was pushed until then. A push after that finds a limit of zero.
// - What is pushed after `disableBatching()` has raised the count, and before it comes to that CPU, is taken away by it. It
//   leaves a bank whose limit is zero; and who takes the slot after it sees the count, and raises no limit.
// - So a mark may stand where nothing is. Who looks for something to drain finds that by the counts: those of both banks,
//   since only who has the gate knows which is in use. An addition before his call is in one of them, or on the lists.
//
// What goes wrong otherwise:
// - The first of a batch is pushed without a mark: the bank holds something, and every drain passes its CPU by.
// - The limit stays when the mark is taken off, because the batch was empty or another batch of the bank was the last to be
//   moved: the same. And when batching is disabled, additions go on waiting in batches.
// - Pushes fill a batch: who takes the slot to add another finds no room.
// - The bank is found before the section begins, or exchanged without the slot: the drainer empties a batch, and the push
//   puts back its count.

/// What one CPU holds: the value of its slot.
///
/// `current` comes first, which is where restartable pushes look for it.
struct CPUBanks: ~Copyable, RestartableStack, SnapshotReadable {
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
    /// Whether a CPU may stay marked when nothing is left in its bank. Not where nothing can be pushed; nor where a drain goes by
    /// marks alone, and waits for an owner who may not come for long.
    let mayBeMarkedEmpty: Bool
    private let detached = Atomic<UInt>(0)

    init(_ name: String, policy: QPWPolicy?, topology: Topology, moves: [Move]) {
        self.moves = moves
        let bankBytes = Bank.size(batches: moves.count)
        let memory = CPUMemory(bytesPerCPU: 2 * bankBytes, topology: topology, for: name)
        slots = PerCPU(name, policy: policy, topology: topology) { cpu in
            let (current, spare) = Bank.pair(in: memory[cpu], batches: moves.count)
            return CPUBanks(current, spare)
        }
        let waitsForOwners = if case .deferred = slots.inForce.remote { true } else { false }
        mayBeMarkedEmpty = !waitsForOwners && !slots.stackAccess.isClosed
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

    /// Who has no mark is not looked at more closely.
    func needsDrain(_ cpu: CPU, _ extent: DrainExtent) -> Bool {
        extent == .everyCPU || !slots.dirty(of: cpu).isEmpty && !isEmpty(cpu)
    }

    /// Both of its banks: the one that it does not use is empty, or on its way to the lists.
    private func isEmpty(_ cpu: CPU) -> Bool {
        let (one, other) = Bank.pair(in: memory[cpu], batches: moves.count)
        return isEmpty(one) && isEmpty(other)
    }

    func isEmpty(_ bank: Bank) -> Bool { bank.isEmpty(batches: moves.count) }

    /// Whether its CPU need not be marked: it holds nothing, and nothing will come into it unnoticed.
    func isIdle(_ bank: Bank) -> Bool { !bank.admitsPushes && isEmpty(bank) }
}
