import ArgumentParser
import QPW

/// The CPU that is measured and the one from which it is disturbed.
struct CPUPair: Equatable {
    let owner: CPU
    let housekeeper: CPU

    /// The owner's is an isolated CPU or else the last; the housekeeper's the first that is left, rather not
    /// a quiet one.
    init(from topology: Topology, owner: Int? = nil, housekeeper: Int? = nil) throws {
        let usable = topology.allowed.intersection(topology.online)
        guard usable.count > 1 else { throw ValidationError(Self.tooFew(usable)) }
        let housekeeperCPU = try housekeeper.map { try Self.checked($0, "--housekeeper", usable) }
        let ownerCPU = try owner.map { try Self.checked($0, "--cpu", usable) }
        let quiet = topology.quiet
        let left = usable.filter { $0 != housekeeperCPU }
        self.owner = ownerCPU ?? left.last(where: quiet.contains) ?? left[left.count - 1]
        let others = usable.filter { [owner = self.owner] in $0 != owner }
        self.housekeeper = housekeeperCPU ?? others.first { !quiet.contains($0) } ?? others[0]
        guard self.owner != self.housekeeper else {
            throw ValidationError("--cpu and --housekeeper must differ: the owner would disturb itself.")
        }
    }

    static func tooFew(_ usable: CPUSet) -> String {
        "this needs two CPUs, one for the owner and one for the housekeeper who disturbs it, and the process "
            + "may use only CPU \(usable): on one CPU the two would take turns, and every figure would be "
            + "the scheduler's time slice."
    }

    private static func checked(_ id: Int, _ option: String, _ usable: CPUSet) throws -> CPU {
        guard CPU.ids.contains(id), usable.contains(CPU(id)) else {
            throw ValidationError("\(option) \(id): the process may use CPUs \(usable).")
        }
        return CPU(id)
    }
}
