import QPW
import Synchronization

/// The full and empty sheaves of one NUMA node, between its CPUs' sheaves and its slabs. By its address.
///
/// It is divided into stalls, as slabs are into shares: one for each CPU up to a limit. A CPU takes from its own; a full sheaf
/// goes to the stall of the CPU whose slabs its objects come from. So an object that one CPU allocates and another frees
/// travels through here, sixty at a time, and CPUs that each use their own objects neither wait for each other nor hand each
/// other memory that is warm elsewhere. Kernel counterpart: `struct node_barn` (mm/slub.c), which is not divided.
package struct Barn: @unchecked Sendable {
    package let count: Int
    private let stalls: UnsafeMutablePointer<Stall>

    package init(stalls count: Int) {
        self.count = count
        stalls = .allocate(capacity: count)
        for index in 0..<count { (stalls + index).initialize(to: Stall()) }
    }

    package func destroy() {
        for index in 0..<count { stalls[index].destroy() }
        stalls.deallocate()
    }

    package subscript(index: Int) -> Stall {
        precondition((0..<count).contains(index))
        return stalls[index]
    }

    /// The stall that a full sheaf belongs to, judged by the object on top.
    ///
    /// An address that is in no slab is found out when the sheaf is flushed; nothing is read of it here.
    package func origin(of sheaf: Sheaf) -> Stall {
        sheaf.isEmpty ? stalls[0] : origin(of: sheaf.objects[sheaf.size - 1])
    }

    /// The stall of the CPU whose slabs an object comes from.
    func origin(of object: UnsafeMutableRawPointer) -> Stall {
        guard ChunkMap.shared.contains(object) else { return stalls[0] }
        return stalls[min(Slab.containing(object).share, count - 1)]
    }

    func takeFullFromAny() -> Sheaf? { firstOfAny { $0.takeFull() } }

    func takeEmptyFromAny() -> Sheaf? { firstOfAny { $0.takeEmpty() } }

    private func firstOfAny(_ take: (Stall) -> Sheaf?) -> Sheaf? {
        for index in 0..<count {
            if let sheaf = take(stalls[index]) { return sheaf }
        }
        return nil
    }

    /// What it has, as far as can be seen without its locks.
    var counts: (full: Int, empty: Int) {
        (0..<count).reduce(into: (0, 0)) { sum, index in
            sum.0 += stalls[index].counts.full
            sum.1 += stalls[index].counts.empty
        }
    }
}
