import ArgumentParser
import Foundation
import Histogram

/// Distributions as files that HdrHistogram's plotters read; values are microseconds.
struct PercentileFiles {
    private let directory: URL

    private static let nanosecondsPerUnit = 1000.0

    /// Fails before anything is measured if the directory cannot be had.
    init(directory: String) throws {
        self.directory = URL(fileURLWithPath: directory, isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        } catch {
            throw ValidationError("--hgrm \(directory): the directory cannot be made.")
        }
        guard FileManager.default.isWritableFile(atPath: directory) else {
            throw ValidationError("--hgrm \(directory): the directory cannot be written to.")
        }
    }

    func write(_ outcome: LatencyRun.Outcome) throws {
        for (index, contender) in outcome.contenders.enumerated() {
            let owner = outcome.owner.samples[index]
            try write(owner.gaps, "\(contender.label)-gap")
            try write(owner.touches, "\(contender.label)-touch")
            guard contender.kind == .drained else { continue }
            try write(outcome.housekeeper.samples[index].latencies, "\(contender.label)-drain")
        }
    }

    private func write(_ distribution: Distribution, _ name: String) throws {
        var text = ""
        distribution.histogram.outputPercentileDistribution(
            to: &text, outputValueUnitScalingRatio: Self.nanosecondsPerUnit)
        let file = directory.appendingPathComponent(name + ".hgrm")
        try text.write(to: file, atomically: true, encoding: .utf8)
    }
}
