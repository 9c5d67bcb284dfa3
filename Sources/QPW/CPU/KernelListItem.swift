/// One item of the kernel's list format: `3`, `0-3`, or `0-15:2/4`, the first 2 of each 4 in 0-15.
struct KernelListItem {
    let ids: ClosedRange<Int>
    let used: Int
    let group: Int

    init(_ text: Substring) throws(CPUSetError) {
        // Garbage can be long, an error is one line.
        let quoted = String(text.prefix(64))
        var rest = text.utf8[...]
        guard let first = rest.takeNumber() else { throw .malformed(quoted) }
        var last: Int? = first
        var used: Int? = 1
        var group: Int? = 1
        if rest.take("-") {
            last = rest.takeNumber()
            if rest.take(":") {
                used = rest.takeNumber()
                group = rest.take("/") ? rest.takeNumber() : nil
            }
        }
        guard let last, let used, let group, rest.isEmpty else { throw .malformed(quoted) }
        guard first <= last else { throw .reversed(quoted) }
        guard CPU.ids.contains(last) else { throw .outOfRange(quoted) }
        guard group > 0, used <= group else { throw .badStride(quoted) }
        self.ids = first...last
        self.used = used
        self.group = group
    }

    func add(to set: inout CPUSet) {
        guard used > 0 else { return }
        for start in stride(from: ids.lowerBound, through: ids.upperBound, by: group) {
            set.insert(ids: start...min(start + used - 1, ids.upperBound))
        }
    }
}

extension Substring.UTF8View {
    fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = first, Unicode.Scalar(byte) == character else { return false }
        removeFirst()
        return true
    }

    /// The decimal number that the text begins with; nil if it begins with none.
    fileprivate mutating func takeNumber() -> Int? {
        let digits = prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !digits.isEmpty else { return nil }
        removeFirst(digits.count)
        // Saturating far above every valid id: a long number is out of range, never an overflow.
        return digits.reduce(0) { Swift.min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1 << 32) }
    }
}
