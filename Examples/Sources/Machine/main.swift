// What the machine is, and what it makes of each policy: for a start-up message, or a thread pool that minds its neighbours.
import QPW

func describe(_ topology: Topology) {
    let quiet = topology.quiet
    print(
        "CPUs \(topology.possible), online \(topology.online), left alone \(quiet.isEmpty ? "none" : "\(quiet)")"
    )
    for node: NUMANode in topology.nodes { print("node \(node.id): CPUs \(node.cpus)") }
    for note in topology.notes { print("note: \(note)") }
}

describe(.system)
print("this thread is on \(CPU.current), housekeepers belong on \(Topology.system.housekeeping)")

// Code that decides by topology is tested with one that the machine does not have.
let server = Topology(
    possible: CPUSet(ids: 0..<8), isolated: [6, 7],
    nodes: [NUMANode(id: 0, cpus: [0, 1, 2, 3]), NUMANode(id: 1, cpus: [4, 5, 6, 7])])
describe(server)
precondition(server.isQuiet(7) && server.node(of: 7) == 1)

// Sets are written as the kernel writes them.
do throws(CPUSetError) {
    let set = try CPUSet(kernelList: "0-3,6")
    precondition(set.count == 5 && "\(set)" == "0-3,6")
    _ = try CPUSet(kernelList: "3-0")
} catch {
    print("refused: \(error)")
}
do throws(TopologyError) {
    _ = try Topology(sysfsRoot: "/nowhere") { [0] }
} catch {
    print("refused: \(error)")
}

/// How many atomic instructions an owner pays.
func price(_ lock: LocalLock) -> Int { lock == .rseq ? 0 : 1 }

for policy in [QPWPolicy.queue, .lock, .fence, .rtLock, .automatic] {
    // `policy` of what is in force differs from what was asked for where the system lacks what that needs.
    let inForce: PolicyInForce = PerCPU<Int>("a structure", policy: policy) { _ in 0 }.inForce
    let remote: RemoteProtocol = inForce.remote
    print("\(inForce.requested): atomic instructions \(price(inForce.local)), remote work by \(remote)")
}
