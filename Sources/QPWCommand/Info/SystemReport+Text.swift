extension SystemReport {
    var text: String {
        """
        CPUs
          possible         \(cpus.possible)
          online           \(cpus.online)
          allowed          \(cpus.allowed)
          isolated         \(orNone(cpus.isolated))
          nohz_full        \(orNone(cpus.nohzFull))
          NUMA             \(nodes.map { "node \($0.id): \(orNone($0.cpus))" }.joined(separator: "; "))
        \(cpus.notes.map { "  note             \($0)\n" }.joined())
        System
          kernel           \(versions.kernel)   (floor: \(versions.kernelFloor))
          C library        \(versions.libc)   (floor: \(versions.libcFloor))
          rseq             \(rseq.line)
          slice extension  \(rseq.sliceExtension)
          membarrier       \(membarrier.line)
          thread sanitizer \(threadSanitizer ? "yes: sections are not used" : "no")

        Policy in force
          \(policy.inForce): owner takes its slot by \(policy.local), remote work by \(policy.remote)
          because: \(policy.reason)

        What each policy becomes here
        \(policyTable)
        """
    }

    private var policyTable: String {
        var table = TextTable(headings: ["  asked for", "in force", "owner", "remote work"], names: 4)
        for policy in policies {
            table.append(["  " + policy.name, policy.inForce, policy.local, policy.remote])
        }
        return table.text
    }

    private func orNone(_ list: String) -> String { list.isEmpty ? "none" : list }
}

extension RseqReport {
    fileprivate var line: String {
        let area = "\(registration) registration, area \(areaBytes) bytes, kernel knows \(kernelFeatureBytes)"
        return reason.map { "not used: \($0) (\(area))" } ?? "used (\(area))"
    }
}

extension MembarrierReport {
    fileprivate var line: String {
        reason.map { "not used: \($0)" } ?? "used (commands 0x\(String(commands, radix: 16)))"
    }
}
