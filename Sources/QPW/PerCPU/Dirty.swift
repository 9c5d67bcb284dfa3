import Synchronization

/// What a slot says about itself to those who do not hold it: up to 32 flags whose meaning is the structure's.
///
/// A body that puts something into its slot marks it (``PerCPU/markDirty(_:_:)``), and
/// `drain(where:clearing:_:)` looks at the marks instead of at values that their owners are changing.
@frozen
public struct Dirty: OptionSet, Sendable {
    /// The flags as bits.
    public let rawValue: UInt32

    /// The flags whose bits are set.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The flag of a structure that needs only one.
    public static let some = Dirty(rawValue: 1)

    /// Every flag.
    public static let all = Dirty(rawValue: .max)
}

extension Slot {
    var marks: Dirty { Dirty(rawValue: dirty.pointee.load(ordering: .acquiring)) }

    /// With the slot held: if its marks satisfy `predicate`, takes off those of `taken` and returns them.
    func takeMarks(_ taken: Dirty, satisfying predicate: (Dirty) -> Bool) -> Dirty? {
        let marks = marks
        guard predicate(marks) else { return nil }
        takeOff(taken)
        return marks.intersection(taken)
    }

    /// With the slot held: a load and a store. Who finds no mark sees what was done to what it stood for.
    func takeOff(_ taken: Dirty) {
        dirty.pointee.store(marks.subtracting(taken).rawValue, ordering: .releasing)
    }

    /// With the slot held.
    func putBack(_ taken: Dirty) {
        dirty.pointee.store(marks.union(taken).rawValue, ordering: .relaxed)
    }
}
