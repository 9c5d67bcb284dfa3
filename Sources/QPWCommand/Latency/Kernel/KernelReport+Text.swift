#if os(Linux) && !QPW_PORTABLE
extension KernelReport {
    var text: String {
        """
        Owner busy on CPU \(settings.cpu), caller on CPU \(settings.housekeeper); the idle line is a wait of \
        \(Figures.time(nanoseconds: UInt64(settings.idlens))).

        \(phases.map(text).joined(separator: "\n"))
        Switched out and off its CPU: what the owner suffered in one call, as the kernel's trace has it, and for how \
        long of that the kernel's work functions had the CPU; its longest gap has interrupts, too.
        \(notes.map { "Note: \($0).\n" }.joined())
        \(conclusion)

        """
    }

    private func text(_ phase: Phase) -> String {
        let owner = phase.priority.map { "an owner under SCHED_FIFO, priority \($0)" } ?? "an ordinary owner"
        let ran = phase.results.compactMap(whoRan).map { "  \($0)\n" }.joined()
        return "What is called, for \(owner):\n\n\(table(phase.results))\n"
            + (ran.isEmpty ? "" : "Who ran on the owner's CPU meanwhile:\n\(ran)")
    }

    private func table(_ results: [Result]) -> String {
        var table = TextTable(headings: [
            "called", "calls", "switched out", "off its CPU p50", "max", "kernel work p50", "max",
            "longest gap p50", "max",
            "| caller waits p50", "max", "stalled",
        ])
        for result in results { table.append(cells(result)) }
        return table.text
    }

    private func cells(_ result: Result) -> [String] {
        [
            result.name, "\(result.calls)", Figures.ratio(result.switchesPerCall),
            Figures.time(nanoseconds: result.awayp50ns), Figures.time(nanoseconds: result.awaymaxns),
            Figures.time(nanoseconds: result.kernelWorkp50ns),
            Figures.time(nanoseconds: result.kernelWorkmaxns),
            Figures.time(nanoseconds: result.gapp50ns), Figures.time(nanoseconds: result.gapmaxns),
            "| " + Figures.time(nanoseconds: result.waitp50ns), Figures.time(nanoseconds: result.waitmaxns),
            "\(result.stalled)",
        ]
    }

    /// The first few: the others are the machine's own noise.
    private func whoRan(_ result: Result) -> String? {
        guard !result.culprits.isEmpty else { return nil }
        let culprits = result.culprits.prefix(4).map { "\($0.name) in \($0.calls)" }
        return "\(result.name), of \(result.calls) calls: " + culprits.joined(separator: ", ")
    }
}
#endif
