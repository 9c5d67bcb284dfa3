import Synchronization

/// What drains count; each some thirty updates apart or more, so that one word for all CPUs will do.
struct DrainCounters: ~Copyable {
    enum Event {
        /// A slot was taken to take its bank away.
        case visit
        /// A bank that a drain had taken away was moved to the lists.
        case movedByDrain
    }

    private let visits = Atomic<Int>(0)
    private let banks = Atomic<Int>(0)

    func note(_ event: Event) {
        switch event {
        case .visit: visits.wrappingAdd(1, ordering: .relaxed)
        case .movedByDrain: banks.wrappingAdd(1, ordering: .relaxed)
        }
    }

    subscript(event: Event) -> Int {
        switch event {
        case .visit: visits.load(ordering: .relaxed)
        case .movedByDrain: banks.load(ordering: .relaxed)
        }
    }
}
