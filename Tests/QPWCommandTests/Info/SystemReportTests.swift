import QPW
import Testing

@testable import QPWCommand

@Suite("qpw info")
struct SystemReportTests {
    @Test("The document has its keys, and every policy")
    func document() throws {
        let report = SystemReport.ofThisSystem()
        let document = try parsed(
            JSONDocument(schema: "qpw.info/1", body: report).text(), schema: "qpw.info/1")
        #expect(try document.object("cpus").text("possible") == "\(Topology.system.possible)")
        #expect(try document.object("policy").text("reason").isEmpty == false)
        #expect(try document.objects("policies").count == PolicyChoice.all.count)
        for key in ["rseq", "membarrier", "versions"] { _ = try document.object(key) }
    }

    @Test("The text names the policy in force and the reason")
    func text() {
        let report = SystemReport.ofThisSystem()
        #expect(report.text.contains("because: \(report.policy.reason)"))
    }

    @Test("A registration of more than the original 32 bytes is the kernel's second kind")
    func registration() {
        #expect(RseqReport.registration(areaBytes: 20) == "legacy")
        #expect(RseqReport.registration(areaBytes: 32) == "legacy")
        #expect(RseqReport.registration(areaBytes: 33) == "V2")
    }

    @Test("The slice extension is offered where the kernel knows more than the original area")
    func sliceExtension() {
        #expect(RseqReport.sliceExtension(featureBytes: 0) == "not offered by this kernel")
        #expect(RseqReport.sliceExtension(featureBytes: 28) == "not offered by this kernel")
        #expect(RseqReport.sliceExtension(featureBytes: 33) == "offered by this kernel")
    }
}
