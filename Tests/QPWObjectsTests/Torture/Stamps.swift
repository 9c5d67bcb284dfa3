import Synchronization

/// Sees an object that is handed out twice: its first word says who has it, and nobody while it is free.
///
/// The word is exchanged, so that of two threads that were given the same object one notices, whenever it comes.
final class Stamps: Sendable {
    private let errors = Atomic<Int>(0)

    var errorCount: Int { errors.load(ordering: .acquiring) }

    func take(_ object: UnsafeMutableRawPointer, tag: Int) {
        exchange(object, from: 0, to: tag)
    }

    func give(_ object: UnsafeMutableRawPointer, tag: Int) {
        exchange(object, from: tag, to: 0)
    }

    private func exchange(_ object: UnsafeMutableRawPointer, from expected: Int, to new: Int) {
        let word = object.assumingMemoryBound(to: Atomic<Int>.self)
        if word.pointee.exchange(new, ordering: .acquiringAndReleasing) != expected {
            errors.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
