import Foundation

extension TortureReport {
    var text: String {
        """
        \(heading)

        \(table)\(notes.map { "Note: \($0).\n" }.joined())
        \(failure.map(account) ?? "")\(conclusion)

        """
    }

    private var heading: String {
        "Seed \(settings.seed), \(settings.threads) threads on CPUs \(settings.cpus.map(String.init).joined(separator: ","))"
            + (settings.injection ? ", disturbed inside the protocols" : "")
            + (settings.busted.map { ", with the defect \($0)" } ?? "")
    }

    private var table: String {
        var table = TextTable(
            headings: ["suite", "policy", "turns", "time", "steps", "signals", "CPUs taken"], names: 2)
        for result in results {
            table.append([
                result.suite, result.policy ?? "-", "\(result.turns)",
                Figures.time(nanoseconds: result.seconds * 1e9), "\(result.steps)", "\(result.signals)",
                "\(result.unplugged)",
            ])
        }
        return table.text
    }

    private func account(of failure: TortureFailure) -> String {
        var lines = ["\(failure.suite) under \(failure.policy): \(failure.breach)" + place(of: failure)]
        for (breach, count) in failure.counts.sorted(by: { $0.key < $1.key }) {
            lines.append("  seen: \(breach): \(count)")
        }
        lines += failure.explanations.map { "  " + $0 }
        for cpu in failure.lastEvents {
            lines.append("  last events of CPU \(cpu.cpu), in µs before the end:")
            lines += cpu.events.map { "    \(String(format: "%10.1f", -$0.microseconds))  \($0.text)" }
        }
        lines.append(
            "  again: qpw torture --suite \(failure.suite) --policy \(failure.policy) --seed \(failure.seed) "
                + "--threads \(settings.threads)" + (settings.busted.map { " --busted \($0)" } ?? ""))
        return lines.joined(separator: "\n") + "\n\n"
    }

    private func place(of failure: TortureFailure) -> String {
        (failure.by.map { ", seen by \($0)" } ?? "") + (failure.cpu.map { " on CPU \($0)" } ?? "")
    }

    private var conclusion: String {
        let ending = interrupted ? " The run was ended early." : ""
        return switch verdict {
        case .clean: "Nothing was found." + ending
        case .failed: "FAILED."
        case .caught: "Caught: \(settings.busted ?? "")."
        case .missed: "NOT CAUGHT: \(settings.busted ?? "")." + ending
        }
    }
}
