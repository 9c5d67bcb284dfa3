import QPW
import Synchronization

/// Sees an object that is handed out twice: its first word says who has it, and nothing while it is free; its last must say
/// the same.
///
/// Memory may come from a cache that ended, with whatever its users wrote: only words with this run's mark say something.
/// The word is exchanged, so that of two threads that were given the same object one notices, whenever it comes.
/// Async-signal-safe, but for ``stranded()``.
final class Stamps: Sendable {
    private let findings: Findings
    /// What a signal handler could not give back, chained by their second words.
    private let chain = Atomic<UInt>(0)

    /// Above the tag, which has the low bits.
    private let mark = Int.random(in: 1..<1 << 40) << 16

    private static let lastWord = 56
    private static let tagMask = 0xFFFF

    init(findings: Findings) { self.findings = findings }

    func take(_ object: UnsafeMutableRawPointer, tag: Int) {
        let stamp = stamp(tag)
        let former = word(object, 0).pointee.exchange(stamp, ordering: .acquiringAndReleasing)
        if former & ~Self.tagMask == mark {
            findings.note(.handedOutTwice, by: tag > 0 ? tag - 1 : nil, on: .current)
        }
        word(object, Self.lastWord).pointee.store(stamp, ordering: .relaxed)
    }

    func give(_ object: UnsafeMutableRawPointer, tag: Int) {
        let stamp = stamp(tag)
        if word(object, Self.lastWord).pointee.exchange(0, ordering: .relaxed) != stamp {
            findings.note(.overwritten, by: tag > 0 ? tag - 1 : nil, on: .current)
        }
        if word(object, 0).pointee.exchange(0, ordering: .acquiringAndReleasing) != stamp {
            findings.note(.handedOutTwice, by: tag > 0 ? tag - 1 : nil, on: .current)
        }
    }

    private func stamp(_ tag: Int) -> Int { mark | (tag & Self.tagMask) }

    private func word(_ object: UnsafeMutableRawPointer, _ offset: Int) -> UnsafeMutablePointer<Atomic<Int>> {
        (object + offset).assumingMemoryBound(to: Atomic<Int>.self)
    }

    /// Keeps an object for ``stranded()``.
    func strand(_ object: UnsafeMutableRawPointer) {
        var seen = chain.load(ordering: .relaxed)
        while true {
            word(object, 8).pointee.store(Int(bitPattern: seen), ordering: .relaxed)
            let result = chain.weakCompareExchange(
                expected: seen, desired: UInt(bitPattern: object), ordering: .releasing)
            if result.exchanged { return }
            seen = result.original
        }
    }

    func stranded() -> [UnsafeMutableRawPointer] {
        var objects: [UnsafeMutableRawPointer] = []
        var next = UnsafeMutableRawPointer(bitPattern: chain.exchange(0, ordering: .acquiring))
        while let object = next {
            objects.append(object)
            next = UnsafeMutableRawPointer(
                bitPattern: UInt(bitPattern: word(object, 8).pointee.load(ordering: .relaxed)))
        }
        return objects
    }
}

/// What a thread has allocated and not freed: its own, and after its end the audit's.
final class HeldObjects: @unchecked Sendable {
    private var addresses: [UnsafeMutableRawPointer] = []

    var count: Int { addresses.count }

    func push(_ object: UnsafeMutableRawPointer) { addresses.append(object) }

    func pop() -> UnsafeMutableRawPointer? { addresses.popLast() }

    func popAny(_ random: inout SeededRandom) -> UnsafeMutableRawPointer? {
        guard !addresses.isEmpty else { return nil }
        addresses.swapAt(addresses.indices.randomElement(using: &random)!, addresses.count - 1)
        return addresses.popLast()
    }
}
