import QPW
import Synchronization

// The broken twins: uses of a slot with something in them that must not be there. `run --self-test` expects each to
// be caught, and for its own reason.

final class Node {
    var next: Node?
}

@inline(never)
func opaque(_ count: Int) -> Int { count &* 3 }

@_silgen_name("spoilt_call") @inline(never)
func spoiltCall(_ slots: borrowing PerCPU<Int>) {
    slots.withLocal { count, _ in count = opaque(count) }
}

@_silgen_name("spoilt_retain") @inline(never)
func spoiltRetain(_ slots: borrowing PerCPU<Node>) {
    slots.withLocal { node, _ in
        if let next = node.next { node = next }
    }
}

@_silgen_name("spoilt_allocation") @inline(never)
func spoiltAllocation(_ slots: borrowing PerCPU<Node>) {
    slots.withLocal { node, _ in node = Node() }
}

@_silgen_name("spoilt_atomic") @inline(never)
func spoiltAtomic(_ slots: borrowing PerCPU<Int>, _ shared: borrowing Atomic<Int>) {
    slots.withLocal { _, _ in _ = shared.wrappingAdd(1, ordering: .relaxed) }
}
