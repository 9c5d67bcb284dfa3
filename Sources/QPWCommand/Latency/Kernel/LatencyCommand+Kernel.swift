import ArgumentParser
import QPW

extension LatencyCommand {
    #if os(Linux) && !QPW_PORTABLE
    func runKernel() throws {
        let outcome = try KernelRun(kernelSettings(on: .system)).measure()
        let report = KernelReport(outcome)
        StandardOutput.write(
            json ? try JSONDocument(schema: "qpw.latency.kernel/1", body: report).text() : report.text)
        if outcome.wasInterrupted { throw ExitCode(Interruption.exitCode) }
    }
    #else
    func runKernel() throws {
        throw ValidationError("--kernel needs Linux, and a build for it.")
    }
    #endif

    func kernelSettings(on topology: Topology) throws -> KernelSettings {
        let settings = try settings(on: topology)
        return KernelSettings(
            cpus: settings.cpus, bystanders: settings.bystanders,
            triggers: trigger.isEmpty ? KernelTrigger.modest : trigger, policies: settings.policies,
            duration: settings.duration, stall: settings.stall, fifoPriority: fifo ?? 1)
    }
}
