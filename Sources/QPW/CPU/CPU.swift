/// A logical CPU, by the number that the operating system gives it.
///
/// Range of `id`: 0...65535, eight times the most that Linux can be built for (`NR_CPUS`, `kernel/cpu.c`).
/// A value, safe on any thread, two bytes wide; making, comparing and hashing it costs nothing. It says
/// nothing of whether the machine has the CPU: ask ``Topology``.
///
/// Kernel counterpart: the `int cpu` that `smp_processor_id()` returns (`include/linux/smp.h`).
@frozen
public struct CPU: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    // 16 bits hold exactly the valid ids: a CPU read back from memory needs no second check.
    @usableFromInline package let number: UInt16

    /// The ids that a CPU can have: 0...65535.
    @inlinable public static var ids: ClosedRange<Int> { 0...65_535 }

    /// The CPU with this id.
    ///
    /// - Precondition: `id` is in ``ids``.
    @inlinable
    public init(_ id: Int) {
        precondition(CPU.ids.contains(id), "a CPU id must be in 0...65535")
        number = UInt16(truncatingIfNeeded: id)
    }

    @inlinable
    package init(number: UInt16) {
        self.number = number
    }

    /// The CPU with this id, as a literal.
    ///
    /// - Precondition: `value` is in ``ids``.
    @inlinable
    public init(integerLiteral value: Int) {
        self.init(value)
    }

    /// The operating system's number of this CPU, in 0...65535.
    @inlinable public var id: Int { Int(number) }

    /// For people: "CPU 3".
    public var description: String { "CPU \(id)" }

    /// Ascending by id.
    @inlinable
    public static func < (left: CPU, right: CPU) -> Bool {
        left.number < right.number
    }
}
