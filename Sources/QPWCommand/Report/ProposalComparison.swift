/// The kernel proposal's own measure, cycles for one kmalloc of 64 bytes, beside ours of this run.
///
/// Cycles of different machines do not compare; what each lock adds to the base of its own column does.
struct ProposalComparison: Encodable {
    struct Row: Encodable {
        var kernel: String
        /// A million allocations.
        var v1: Int
        /// Nine million.
        var v4: Int
        /// The subject that is its counterpart here.
        var subject: String?
        var ours: Double?
    }

    /// Ours that the proposal has no counterpart of.
    struct Other: Encodable {
        var subject: String
        var ours: Double
    }

    var rows: [Row]
    var others: [Other]

    private static let kernel: [(name: String, v1: Int, v4: Int, subject: String?)] = [
        ("base", 159, 60, "none"), ("built, but configured out", 163, 62, "traitless"),
        ("qpw=0", 170, 62, "queue"), ("qpw=1", 190, 75, "lock"), ("PREEMPT_RT", 185, 95, nil),
        ("PREEMPT_RT, qpw=0", 181, 99, "rtQueue"), ("PREEMPT_RT, qpw=1", 196, 97, "rtLock"),
    ]
    private static let workload = "kmalloc1M"

    /// What a build without the trait takes is only known where the peers' run had one.
    init(bench: BenchReport, peers: PeerFigures?) {
        let own = bench.results.filter { $0.name.hasPrefix(Self.workload + "/") && $0.threads == 1 }
        let medians = Dictionary(own.map { ($0.name, $0.median) }) { first, _ in first }
        rows = Self.kernel.map { row in
            let subject = row.subject.map { "\(Self.workload)/\($0)" }
            let ours = subject.flatMap { medians[$0] ?? peers?.traitless(Self.workload, named: $0) }
            return Row(kernel: row.name, v1: row.v1, v4: row.v4, subject: subject, ours: ours)
        }
        let known = Set(rows.compactMap(\.subject))
        others = own.filter { !known.contains($0.name) }.map { Other(subject: $0.name, ours: $0.median) }
    }

    var base: Double? { rows[0].ours }
}
