import CQPW
import Foundation
import QPW

/// What a thread of a torture has at hand where it must not allocate: in a signal handler, and inside a protocol.
struct ThreadLuck {
    private var state: UInt64
    private let mayMove: Bool
    private let masks: UnsafePointer<AffinityMasks>

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// The calling thread's; nil on threads that are not the torture's.
    static var current: UnsafeMutablePointer<ThreadLuck>? {
        pthread_getspecific(key)?.assumingMemoryBound(to: ThreadLuck.self)
    }

    /// Gives the calling thread its own while `body` runs.
    static func provide(
        _ seed: UInt64, thread: Int, _ place: TortureRole.Place, _ masks: AffinityMasks, _ body: () -> Void
    ) {
        withUnsafePointer(to: masks) { masks in
            let mayMove = if case .roaming = place { true } else { false }
            var luck = ThreadLuck(
                state: SeededRandom.mix(seed &+ UInt64(thread)), mayMove: mayMove, masks: masks)
            withUnsafeMutablePointer(to: &luck) { luck in
                pthread_setspecific(key, luck)
                body()
                pthread_setspecific(key, nil)
            }
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return SeededRandom.mix(state)
    }

    /// Moves the thread to another CPU, if it may be moved.
    mutating func move() {
        if mayMove { masks.pointee.moveThread(toOneOf: next()) }
    }

    static func dawdle(_ rounds: UInt64) {
        for _ in 0..<rounds { qpw_pause() }
    }
}

/// A mask for each CPU, ready to be given to the kernel: nothing is allocated where one is used.
final class AffinityMasks: @unchecked Sendable {
    private let words: UnsafeMutablePointer<UInt64>
    private let wordsPerMask: Int
    private let count: Int

    init(_ cpus: [CPU]) {
        count = cpus.count
        wordsPerMask = cpus.map(\.id).max()! / 64 + 1
        words = .allocate(capacity: count * wordsPerMask)
        words.initialize(repeating: 0, count: count * wordsPerMask)
        for (index, cpu) in cpus.enumerated() {
            words[index * wordsPerMask + cpu.id / 64] |= 1 << UInt64(cpu.id % 64)
        }
    }

    deinit { words.deallocate() }

    func moveThread(toOneOf choice: UInt64) {
        #if os(Linux) && !QPW_PORTABLE
        let index = Int(choice % UInt64(count))
        _ = qpw_affinity_set(words + index * wordsPerMask, wordsPerMask)
        #endif
    }
}
