import CQPW
package import QPW

/// What the tests may count on here; the reasons for skipping are made of it.
package enum Machine {
    package static let cpus = Array(Topology.system.allowed)
    package static var first: CPU { cpus[0] }
    package static var last: CPU { cpus[cpus.count - 1] }

    package static let pins = !System.isPortable
    package static let pinsToTwo = pins && cpus.count >= 2

    package static let hasAddressSanitizer = qpw_address_sanitizer()
    package static let hasThreadSanitizer = qpw_thread_sanitizer()

    package static let isOptimised = !_isDebugAssertConfiguration()

    package static let needsPinning = "needs CPUs to which threads can be pinned"

    /// This machine as if its first CPU were one NUMA node and the others another.
    package static let withTwoNodes: Topology = {
        let possible = Topology.system.possible
        let near: CPUSet = [first]
        return Topology(
            possible: possible,
            nodes: [NUMANode(id: 0, cpus: near), NUMANode(id: 3, cpus: possible.subtracting(near))])
    }()

    /// This machine as if none of its CPUs might be disturbed.
    package static let allIsolated = Topology(
        possible: Topology.system.possible, isolated: Topology.system.possible)
}
