import CQPW
import Foundation
import QPW

/// All that `qpw info` says.
struct SystemReport: Encodable {
    struct CPUs: Encodable {
        var possible: String
        var online: String
        var allowed: String
        var isolated: String
        var nohzFull: String
        var notes: [String]
    }

    struct Node: Encodable {
        var id: Int
        var cpus: String
    }

    struct Versions: Encodable {
        var kernel: String
        var kernelFloor: String
        var libc: String
        var libcFloor: String
    }

    struct Policy: Encodable {
        var name: String
        var inForce: String
        var local: String
        var remote: String
        var reason: String
    }

    var cpus: CPUs
    var nodes: [Node]
    var versions: Versions
    var rseq: RseqReport
    var membarrier: MembarrierReport
    var threadSanitizer: Bool
    var policy: Policy
    var policies: [Policy]
}

extension SystemReport {
    static func ofThisSystem() -> SystemReport {
        let topology = Topology.system
        return SystemReport(
            cpus: CPUs(of: topology),
            nodes: topology.nodes.map { Node(id: $0.id, cpus: "\($0.cpus)") },
            versions: .ofThisSystem(),
            rseq: .ofThisThread(),
            membarrier: .ofThisKernel(),
            threadSanitizer: qpw_thread_sanitizer(),
            policy: Policy(QPWPolicy.current),
            policies: PolicyChoice.all.map { Policy($0.inForce) })
    }
}

extension SystemReport.CPUs {
    init(of topology: Topology) {
        possible = "\(topology.possible)"
        online = "\(topology.online)"
        allowed = "\(topology.allowed)"
        isolated = "\(topology.isolated)"
        nohzFull = "\(topology.nohzFull)"
        notes = topology.notes
    }
}

extension SystemReport.Versions {
    static func ofThisSystem() -> Self {
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: &name.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Self(
            kernel: release, kernelFloor: "Linux 5.10 for fence, 4.18 for restartable sequences",
            libc: qpw_glibc_version().map { "glibc " + String(cString: $0) } ?? "not glibc",
            libcFloor: "glibc 2.35 for restartable sequences")
    }
}

extension SystemReport.Policy {
    init(_ inForce: PolicyInForce) {
        name = "\(inForce.requested)"
        self.inForce = "\(inForce.policy)"
        local = "\(inForce.local)"
        remote = inForce.remote.description
        reason = inForce.reason
    }
}
