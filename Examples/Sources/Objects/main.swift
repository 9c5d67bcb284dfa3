// A tree whose nodes come from an object cache: one pop from this CPU's sheaf, and one push to free.
import QPW
import QPWObjects

struct Node {
    var value: Int
    var left: UnsafeMutablePointer<Node>?
    var right: UnsafeMutablePointer<Node>?
}

let nodes = ObjectCache(
    name: "nodes", objectSize: MemoryLayout<Node>.size, alignment: MemoryLayout<Node>.alignment)

func insert(_ value: Int, _ place: inout UnsafeMutablePointer<Node>?) throws(OutOfMemory) {
    guard let node = place else {
        // Memory is raw: what is in it is the caller's business.
        place = try nodes.allocate().bindMemory(to: Node.self, capacity: 1)
        place?.initialize(to: Node(value: value))
        return
    }
    if value < node.pointee.value {
        try insert(value, &node.pointee.left)
    } else {
        try insert(value, &node.pointee.right)
    }
}

func free(_ place: UnsafeMutablePointer<Node>?) -> Int {
    guard let node = place else { return 0 }
    let below = free(node.pointee.left) + free(node.pointee.right)
    node.deinitialize(count: 1)
    nodes.deallocate(node)
    return below + 1
}

var root: UnsafeMutablePointer<Node>?
for step in 0..<10_000 { try insert(step * 7919 % 10_007, &root) }
print("\(nodes.objectsInUse) nodes in \(nodes.slabCount) slabs")

// Code that must not run out half-way sets objects aside.
var reserve = try nodes.prefill(3)
while let object = reserve.allocate() { nodes.deallocate(object) }

precondition(free(root) == 10_000)
// Somebody, now and then: idle CPUs' sheaves are flushed, and unused memory goes back to the system.
print("\(nodes.shrink()) bytes given back, \(nodes.count(of: .sheafRefill)) refills")
precondition(nodes.objectsInUse == 0)
