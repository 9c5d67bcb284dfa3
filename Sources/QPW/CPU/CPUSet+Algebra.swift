extension CPUSet: SetAlgebra {
    /// The set of these CPUs, in any order.
    public init(arrayLiteral elements: CPU...) {
        self.init(elements)
    }

    /// True if the set has no member. Constant time.
    public var isEmpty: Bool { words.isEmpty }

    /// True if this CPU is a member. Constant time.
    ///
    /// Kernel counterpart: `cpumask_test_cpu()` (`include/linux/cpumask.h`).
    @inlinable
    public func contains(_ member: CPU) -> Bool {
        let index = member.id / 64
        return index < words.count && words[index] & (1 << (member.id % 64)) != 0
    }

    /// Adds a CPU; the result says whether it was new.
    @discardableResult
    public mutating func insert(_ newMember: CPU) -> (inserted: Bool, memberAfterInsert: CPU) {
        let isNew = !contains(newMember)
        insert(ids: newMember.id...newMember.id)
        return (isNew, newMember)
    }

    /// Adds a CPU; the result is the CPU if it was a member already, else nil.
    @discardableResult
    public mutating func update(with newMember: CPU) -> CPU? {
        insert(newMember).inserted ? nil : newMember
    }

    /// Removes a CPU; the result is the CPU if it was a member, else nil.
    @discardableResult
    public mutating func remove(_ member: CPU) -> CPU? {
        guard contains(member) else { return nil }
        words[member.id / 64] &= ~(1 << (member.id % 64))
        trim()
        return member
    }

    /// The CPUs of either set.
    public func union(_ other: CPUSet) -> CPUSet {
        var result = self
        result.formUnion(other)
        return result
    }

    /// The CPUs of both sets.
    public func intersection(_ other: CPUSet) -> CPUSet {
        var result = self
        result.formIntersection(other)
        return result
    }

    /// The CPUs of exactly one of the sets.
    public func symmetricDifference(_ other: CPUSet) -> CPUSet {
        var result = self
        result.formSymmetricDifference(other)
        return result
    }

    /// The CPUs of this set that are not in the other.
    ///
    /// Kernel counterpart: `cpumask_andnot()` (`include/linux/cpumask.h`).
    public func subtracting(_ other: CPUSet) -> CPUSet {
        var result = self
        result.subtract(other)
        return result
    }

    /// Adds the CPUs of the other set.
    public mutating func formUnion(_ other: CPUSet) {
        grow(toWords: other.words.count)
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    /// Removes the CPUs that are not in the other set.
    public mutating func formIntersection(_ other: CPUSet) {
        words.removeLast(Swift.max(words.count - other.words.count, 0))
        for index in words.indices { words[index] &= other.words[index] }
        trim()
    }

    /// Removes the CPUs of the other set that are members and adds those that are not.
    public mutating func formSymmetricDifference(_ other: CPUSet) {
        grow(toWords: other.words.count)
        for index in other.words.indices { words[index] ^= other.words[index] }
        trim()
    }

    /// Removes the CPUs of the other set.
    public mutating func subtract(_ other: CPUSet) {
        for index in 0..<Swift.min(words.count, other.words.count) { words[index] &= ~other.words[index] }
        trim()
    }

    /// True if every member is in the other set too.
    public func isSubset(of other: CPUSet) -> Bool {
        words.count <= other.words.count && zip(words, other.words).allSatisfy { $0 & ~$1 == 0 }
    }

    /// True if no member is in the other set.
    public func isDisjoint(with other: CPUSet) -> Bool {
        zip(words, other.words).allSatisfy { $0 & $1 == 0 }
    }
}
