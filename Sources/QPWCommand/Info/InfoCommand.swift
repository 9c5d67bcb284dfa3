import ArgumentParser

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "CPUs, what the kernel offers, and the policy in force and why.")

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let report = SystemReport.ofThisSystem()
        StandardOutput.write(
            json ? try JSONDocument(schema: "qpw.info/1", body: report).text() : report.text)
    }
}
