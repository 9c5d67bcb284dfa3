// expect: requires that 'Span<Int>' conform to 'Escapable'
import QPW

// A view of the value ends with its lock.
func view(_ slots: borrowing PerCPU<[Int]>) -> Int {
    let span: Span<Int> = slots.withLocal { items, _ in items.span }
    return span.count
}
