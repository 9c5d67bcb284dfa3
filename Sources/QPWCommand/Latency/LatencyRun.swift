import ArgumentParser
import Foundation
import QPW

/// Starts the threads of one measurement, waits for them on a CPU that is not the owner's, and collects what
/// they saw.
struct LatencyRun {
    struct Outcome {
        var settings: LatencySettings
        var contenders: [Contender]
        var owner: Owner.Result
        var housekeeper: Housekeeper.Result
        var wasInterrupted: Bool
    }

    private let settings: LatencySettings
    private let progress: Progress

    /// By how much a run may outlast its duration before it is given up: on a crowded machine every turn takes longer.
    private static let patience: Duration = .seconds(30)
    private static let look: Int64 = 50_000_000

    init(_ settings: LatencySettings, progress: Progress = Progress()) {
        self.settings = settings
        self.progress = progress
    }

    func measure() throws -> Outcome {
        let contenders = Contender.all(settings)
        let baton = Baton()
        Interruption.await()
        System.setAffinity(settings.bystanders.subtracting([settings.cpus.owner]))
        defer { System.setAffinity(settings.bystanders) }
        let owner = Owner(settings: settings, contenders: contenders, baton: baton)
        let housekeeper = Housekeeper(settings: settings, contenders: contenders, baton: baton)
        let ownerThread = try MeasuringThread(running: owner.run)
        let housekeeperThread = try MeasuringThread(running: housekeeper.run)
        let loads = try (0..<settings.load).map { _ in try MeasuringThread(running: busyThread(baton)) }

        wait(for: housekeeperThread, stopping: baton)
        let wasInterrupted = Interruption.hasCome
        baton.stop()
        for load in loads { load.join() }
        return Outcome(
            settings: settings, contenders: contenders, owner: ownerThread.join(),
            housekeeper: housekeeperThread.join(), wasInterrupted: wasInterrupted)
    }

    private func busyThread(_ baton: Baton) -> @Sendable () -> Void {
        { [cpu = settings.cpus.housekeeper] in
            System.nameThread("qpw-load")
            _ = System.pinThread(to: cpu)
            while !baton.isStopped {}
        }
    }

    private func wait(for housekeeper: MeasuringThread<Housekeeper.Result>, stopping baton: Baton) {
        let begun = MonotonicClock.now()
        let limit = begun + (settings.duration + settings.stall + Self.patience).nanoseconds
        while !housekeeper.isDone {
            if Interruption.hasCome { baton.stop() }
            guard MonotonicClock.now() < limit else { giveUp() }
            let seconds = (MonotonicClock.now() - begun) / 1_000_000_000
            progress.show("measuring: \(seconds) s of \(Int(settings.duration / .seconds(1))) s")
            System.sleep(nanoseconds: Self.look)
        }
        progress.clear()
    }

    /// A drain that neither ends nor times out is a bug of the library; to wait for it would hide it.
    private func giveUp() -> Never {
        StandardError.write("qpw: the housekeeper did not come back from a drain: nothing was measured.\n")
        exit(ExitCode.failure.rawValue)
    }
}
