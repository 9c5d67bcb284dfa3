import Synchronization

/// Something that happens once, in a task, and that a thread looks for.
final class DoneFlag: Sendable {
    private let word = Atomic<Bool>(false)

    var isRaised: Bool { word.load(ordering: .acquiring) }

    func raise() { word.store(true, ordering: .releasing) }
}
