import Synchronization

/// A slot could not be had, or its worker did not come, in time.
public struct QPWTimeout: Error, CustomStringConvertible {
    /// The structure's name.
    public let structure: String
    /// The CPU whose slot was wanted.
    public let cpu: CPU
    /// How long the caller was willing to wait.
    public let timeout: Duration
    /// The thread id of who held the slot, where that is known: of remote holders, and in debug builds of all.
    public let holder: UInt32?

    package init(_ table: SlotTable, _ cpu: CPU, after timeout: Duration) {
        structure = table.name
        self.cpu = cpu
        self.timeout = timeout
        holder = table.holder(of: table.slot(of: cpu))
    }

    /// One line that names the structure, the CPU and the holder.
    public var description: String {
        let who = holder.map { "held by thread \($0)" } ?? "its holder, or its worker, did not come by"
        return "'\(structure)' on \(cpu) could not be had within \(timeout): \(who)"
    }
}

extension SlotTable {
    func holder(of slot: Slot) -> UInt32? {
        let owner = slot.owner.pointee.load(ordering: .relaxed)
        if owner == Owner.free { return nil }
        if inForce.local == .priorityInheriting || owner & Owner.remote != 0 { return owner & 0x3FFF_FFFF }
        let noted = slot.holder.pointee.load(ordering: .relaxed)
        return noted == 0 ? nil : noted
    }
}
