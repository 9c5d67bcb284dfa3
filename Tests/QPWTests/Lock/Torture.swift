import CQPW
import Foundation
import QPWTestSupport
import Synchronization
import Testing

@testable import QPW

/// Random operations on a lock from many threads at once, and what they saw.
struct Torture {
    enum Mix: Sendable {
        /// Six threads that own, try, hop between CPUs inside and outside, and work for others, under a storm of signals.
        case everything
        /// An owner and a housekeeper, each on its CPU, as fast as they can: for windows of a few instructions.
        case pingPong
    }

    struct Verdict {
        var violations = 0
        var entries = 0
        var booked = 0

        /// Nobody met anybody, and nothing that was booked was lost.
        var isSound: Bool { violations == 0 && entries == booked && entries > 0 }
    }

    var mix = Mix.everything
    var seed: UInt64 = 1
    var seconds = Self.usualSeconds
    /// For broken locks: one violation is enough.
    var stopsWhenCaught = false

    /// A run in the suite is short; the environment asks for more.
    static let usualSeconds =
        ProcessInfo.processInfo.environment["QPW_TORTURE_SECONDS"].flatMap(Double.init) ?? 0.8

    func run(_ lock: some Exclusion) -> Verdict {
        let run = TortureRun(stopsWhenCaught: stopsWhenCaught)
        let limit = MonotonicClock.now() + Int64(seconds * 1e9)
        switch mix {
        case .everything: run.storm(lock, seed, until: limit)
        case .pingPong: run.pingPong(lock, until: limit)
        }
        return Verdict(
            violations: run.violations.count, entries: run.entries.count, booked: lock.booked())
    }
}

/// The threads of one run.
private final class TortureRun: Sendable {
    let violations = Tally()
    let entries = Tally()
    private let stopsWhenCaught: Bool

    init(stopsWhenCaught: Bool) { self.stopsWhenCaught = stopsWhenCaught }

    private func isOver(_ limit: Int64) -> Bool {
        MonotonicClock.now() >= limit || (stopsWhenCaught && violations.count > 0)
    }

    private func book(_ ledger: Ledger, _ dwell: () -> Void = {}) {
        if !ledger.book(dwell) { violations.add() }
        entries.add()
    }

    func pingPong(_ lock: some Exclusion, until limit: Int64) {
        let place = OwnerPlace()
        let owner = TestThread(on: Machine.last) { [self] in
            place.settle()
            while !isOver(limit) {
                for _ in 0..<100 { lock.own { self.book($0) } }
            }
        }
        let housekeeper = TestThread(on: Machine.first) { [self] in
            place.isSettled.wait()
            while !isOver(limit) {
                lock.remote(place.cpu) { ledger in
                    self.book(ledger) { for _ in 0..<20 { qpw_pause() } }
                }
            }
        }
        owner.join()
        housekeeper.join()
    }

    func storm(_ lock: some Exclusion, _ seed: UInt64, until limit: Int64) {
        let storm = SignalStorm(.core) { [self] in
            _ = lock.tryOwn { self.book($0) }
        }
        let threads = (0..<6).map { index in
            TestThread { [self] in
                storm.join()
                defer { storm.leave() }
                var random = SeededRandom(seed, thread: index)
                while !isOver(limit) { step(lock, &random) }
            }
        }
        storm.rage { self.isOver(limit) }
        for thread in threads { thread.join() }
        storm.end()
    }

    private func step(_ lock: some Exclusion, _ random: inout SeededRandom) {
        let cpu = Machine.cpus.randomElement(using: &random)!
        let isLong = Int.random(in: 0..<4, using: &random) == 0
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<10: lock.own { book($0) { Self.dwell(isLong) } }
        case 10..<13: lock.own { book($0) { _ = System.pinThread(to: cpu) } }
        case 13..<15: _ = lock.tryOwn { book($0) { Self.dwell(isLong) } }
        case 15: lock.own { book($0) { yieldThread() } }
        case 16: _ = System.pinThread(to: cpu)
        case 17: System.setAffinity(CPUSet(Machine.cpus))
        default:
            lock.remote(lock.cpus.randomElement(using: &random)!) { self.book($0) { Self.dwell(isLong) } }
        }
    }

    private static func dwell(_ isLong: Bool) {
        for _ in 0..<(isLong ? 200 : 5) { qpw_pause() }
    }
}

/// Where the owner is: the CPU that it was pinned to, or on the portable backend the one that it was hashed to.
private final class OwnerPlace: Sendable {
    let isSettled = Flag()
    private let number = Atomic<Int>(0)

    var cpu: CPU { CPU(number.load(ordering: .relaxed)) }

    func settle() {
        number.store(CPU.current.id, ordering: .relaxed)
        isSettled.raise()
    }
}
