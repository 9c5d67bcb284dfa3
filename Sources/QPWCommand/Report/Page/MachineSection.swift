/// What `qpw info` says.
struct MachineSection {
    private let system: SystemReport

    init(_ system: SystemReport) {
        self.system = system
    }

    var markup: Markup {
        """
        <p><strong>\(system.policy.inForce)</strong> is in force where none is named, because \(system.policy.reason).</p>
        <dl>\(facts.markup { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" })</dl>
        \(system.cpus.notes.markup { "<p class=\"note\">\($0).</p>\n" })\(policies.markup)
        """
    }

    private var facts: [(String, String)] {
        let cpus = system.cpus
        return [
            ("CPUs possible", cpus.possible), ("online", cpus.online), ("allowed", cpus.allowed),
            ("isolated", orNone(cpus.isolated)), ("nohz_full", orNone(cpus.nohzFull)),
            ("NUMA", system.nodes.map { "node \($0.id): \(orNone($0.cpus))" }.joined(separator: "; ")),
            ("kernel", system.versions.kernel), ("C library", system.versions.libc),
            ("rseq", used(system.rseq.usable, system.rseq.reason) + ", \(system.rseq.registration)"),
            ("slice extension", system.rseq.sliceExtension),
            ("membarrier", used(system.membarrier.usable, system.membarrier.reason)),
        ]
    }

    private func used(_ isUsable: Bool, _ reason: String?) -> String {
        isUsable ? "used" : "not used: \(reason ?? "no reason given")"
    }

    private func orNone(_ list: String) -> String { list.isEmpty ? "none" : list }

    private var policies: PageTable {
        var table = PageTable(
            caption: "What each policy becomes here",
            headings: ["asked for", "in force", "the owner takes its slot by", "remote work by"])
        table.rows = system.policies.map { .init($0.name, [$0.inForce, $0.local, $0.remote]) }
        return table
    }
}
