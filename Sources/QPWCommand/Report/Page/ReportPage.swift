import Foundation

/// The report as one page that needs nothing else: no other file, no network, no script that runs.
struct ReportPage {
    let report: Report
    private let json: String

    init(_ report: Report) throws {
        self.report = report
        json = try JSONDocument(schema: Report.schema, body: report).compactText()
    }

    var markup: Markup {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>QPW: what housekeeping costs a CPU’s owner</title>
        <link rel="icon" href="data:,">
        <style>
        \(PageStyle.sheet)
        </style>
        </head>
        <body>
        <header>
        <h1>What housekeeping costs a CPU’s owner</h1>
        <p>\(machine) Measured on \(date) in \(Figures.time(nanoseconds: report.seconds * 1e9))\(extent).</p>
        \(notes)<nav aria-label="Contents"><ul>\(contents)</ul></nav>
        </header>
        <main>
        \(sections.markup { section($0) })
        </main>
        <footer>
        <p>Written by <code>qpw report</code>. All figures are in this page as JSON (schema \
        <code>\(Report.schema)</code>), in the element <code>qpw-report</code>.</p>
        </footer>
        \(Markup.data(json: json, id: "qpw-report"))
        </body>
        </html>

        """
    }

    private var machine: String {
        let cpus = report.system.cpus
        let isolated = cpus.isolated.isEmpty ? "none isolated" : "isolated \(cpus.isolated)"
        return "Linux \(report.system.versions.kernel), CPUs \(cpus.allowed), \(isolated)."
    }

    private var date: String {
        report.date.replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    private var extent: String {
        report.extent == .quick ? ", by short runs: for a first look" : ""
    }

    private var notes: Markup { report.notes.markup { "<p class=\"note\">\($0)</p>\n" } }

    // MARK: Sections

    private struct Section {
        var id: String
        var title: String
        var body: Markup
    }

    private var sections: [Section] {
        report.latency.map { measured in
            let section = LatencySection(measured)
            return Section(id: section.id, title: section.title, body: section.markup)
        }
            + [
                Section(
                    id: "proposal", title: "The kernel proposal’s table, and ours",
                    body: ProposalSection(report.proposal).markup),
                Section(
                    id: "bench", title: "What each operation costs", body: BenchSection(report.bench).markup),
                report.peers.map {
                    Section(id: "peers", title: "Other allocators", body: PeerSection($0).markup)
                },
                report.caches.map {
                    Section(id: "caches", title: "Other caches", body: CacheSection($0).markup)
                },
                Section(
                    id: "machine", title: "The machine, and the policies on it",
                    body: MachineSection(report.system).markup),
            ].compactMap { $0 }
    }

    private var contents: Markup {
        sections.markup { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" }
    }

    private func section(_ section: Section) -> Markup {
        "<section id=\"\(section.id)\">\n<h2>\(section.title)</h2>\n\(section.body)\n</section>\n"
    }
}
