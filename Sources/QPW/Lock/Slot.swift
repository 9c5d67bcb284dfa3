public import Synchronization

// The header of one CPU's slot: 64 bytes, the value behind it. Slots lie 128 bytes apart or more, so that no
// prefetched pair of lines is shared by two CPUs.
//
// field     | offset | written by                              | under        | memory order
// ----------|--------|-----------------------------------------|--------------|------------------------------------
// owner     |  0     | whoever takes or leaves the slot        | the protocol | commit or CAS acquire; store release
// claim     |  4     | remote callers                          | RMW          | sequentially consistent
// pending   |  8     | `deferred`: who leaves work; the holder | RMW          | acquire-release; loaded relaxed
//           |        | `claimedHold`: the holder               | the slot, RMW| relaxed: see below
//           |        | `always`: the table, once               | before use   | relaxed
// dirty     | 12     | bodies and drains: a load and a store   | the slot     | off with release, looked at with acquire
//           |        | who drops hints                         | RMW          | relaxed: either may win
// waiters   | 16     | who sleeps; the remote holder at release| RMW          | sequentially consistent
// holder    | 20     | whoever took the slot, in debug builds  | the slot     | relaxed: for messages only
// contended | 24     | who had to wait                         | RMW          | relaxed
// longest   | 32     | the remote holder, or a worker          | the slot     | relaxed: cycles
// deferred  | 40     | who leaves work (push), the holder (take)| RMW         | acquire-release
// cpu       | 48     | the table, once                         | before use   | none
// heldSince | 56     | who took it by its CPU's name           | the slot     | none: cycles; 0 for who ran on that CPU
//
// `claimedHold` needs no order of its own. The holder sets it after the exchange that took the slot (acquire), looks at it
// and clears it before the store that leaves the slot (release), so it is set and cleared between two things that order
// one hold after another, and the next holder finds it clear. Who does not hold the slot may see it late, or stale: a
// section fails because of it, or because of `owner`, and then takes the slow path. It is changed by read-modify-write
// since others set `deferred` in the same word meanwhile, and theirs is what is ordered: who sees `deferred` clears it by
// an acquiring operation before he takes the list.
//
// No mark is lost: `dirty` is set and cleared by holders, who exclude each other. Who drops hints clears bits by
// read-modify-write, no others; a holder's store may bring such a bit back, and his load may have found it just before.
//
// `owner`, `claim` and `pending` are separate words because the fast path stores `owner` and compares all of them:
// storing 32 bits and loading 64 over them defeats store forwarding and makes the lock four times slower.

/// One CPU's slot, by the address of its header.
@usableFromInline
package struct Slot: @unchecked Sendable, Equatable {
    @usableFromInline package let address: UnsafeMutableRawPointer

    @inlinable
    package init(_ address: UnsafeMutableRawPointer) {
        self.address = address
    }

    /// Bytes before the value.
    @inlinable package static var headerSize: Int { 64 }

    /// Bytes from one slot to the next for values of `size` bytes.
    @inlinable
    package static func stride(forValueOf size: Int) -> Int {
        (headerSize + size + 127) & ~127
    }

    @inlinable
    func word(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        (address + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    @inlinable package var owner: UnsafeMutablePointer<Atomic<UInt32>> { word(at: 0) }
    @inlinable package var claim: UnsafeMutablePointer<Atomic<UInt32>> { word(at: 4) }
    @inlinable package var pending: UnsafeMutablePointer<Atomic<UInt32>> { word(at: 8) }
    @inlinable package var dirty: UnsafeMutablePointer<Atomic<UInt32>> { word(at: 12) }
    package var waiters: UnsafeMutablePointer<Atomic<UInt32>> { word(at: 16) }
    package var holder: UnsafeMutablePointer<Atomic<UInt32>> { word(at: 20) }
    package var contended: UnsafeMutablePointer<Atomic<UInt64>> {
        (address + 24).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
    package var longestHold: UnsafeMutablePointer<Atomic<UInt64>> {
        (address + 32).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
    package var deferred: UnsafeMutablePointer<Atomic<UInt>> {
        (address + 40).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    @inlinable
    package var cpu: CPU {
        CPU(number: (address + 48).load(as: UInt16.self))
    }

    var heldSince: UnsafeMutablePointer<UInt64> {
        (address + 56).assumingMemoryBound(to: UInt64.self)
    }

    func setCPU(_ cpu: CPU) {
        (address + 48).storeBytes(of: cpu.number, as: UInt16.self)
    }

    /// Where the value begins.
    @inlinable package var value: UnsafeMutableRawPointer { address + Self.headerSize }
}

/// Values of `owner`. Under a priority-inheriting lock it holds the holder's thread id and the futex's flags.
package enum Owner {
    package static let free: UInt32 = 0
    /// Held by a thread that took it as its own CPU's slot.
    package static let local: UInt32 = 1
    /// With this bit, and the holder's thread id below it: taken from outside; its release wakes who waits.
    package static let remote: UInt32 = 1 << 31
    /// There is no such CPU: nobody can take the slot. No thread id has all these bits.
    package static let absent: UInt32 = .max

    /// What the calling thread writes to take a slot from outside; no other thread writes the same.
    package static func remoteByThisThread() -> UInt32 { remote | (System.threadID() & 0x3FFF_FFFF) }
}

/// Bits of `claim`: while it is not zero, no section that merely stores can take the slot.
package enum Claim {
    /// The low bits count the callers that claim.
    package static let countMask: UInt32 = 0x00FF_FFFF
    /// One of them is in the membarrier.
    package static let fencing: UInt32 = 1 << 29
    /// A membarrier has followed the claim: the slot can be taken by compare-and-exchange from anywhere.
    package static let fenced: UInt32 = 1 << 30
    /// The CPU is isolated: the claim stands, so that no membarrier is ever needed there.
    package static let permanent: UInt32 = 1 << 31
}

/// Bits of `pending`: why the holder's release must take the slow path.
package enum Pending {
    /// There is work on the slot's list for the holder to run.
    package static let deferred: UInt32 = 1
    /// This hold was not taken by the fast path: a plain store would not end it.
    package static let claimedHold: UInt32 = 2
    /// Every release of this slot is slow: priority inheritance must wake the next holder.
    package static let always: UInt32 = 4
}
