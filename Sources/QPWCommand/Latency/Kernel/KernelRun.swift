#if os(Linux) && !QPW_PORTABLE
import ArgumentParser
import QPW
import Synchronization

/// Calls each subject in turn while the owner computes, and reads from the trace what that did to it.
struct KernelRun {
    struct Phase: Sendable {
        var scheduling: OwnerScheduling
        var seconds: Double
        var samples: [CallSamples]
    }

    struct Outcome {
        var settings: KernelSettings
        var subjects: [KernelSubject]
        var phases: [Phase]
        var notes: [String]
        var wasInterrupted: Bool
    }

    private let settings: KernelSettings
    private let subjects: [KernelSubject]
    private var notes: [String]

    init(_ settings: KernelSettings) throws {
        self.settings = settings
        (subjects, notes) = try KernelSubject.all(settings)
    }

    func measure() throws -> Outcome {
        let tracefs: Tracefs
        let trace: TraceInstance
        do throws(SystemFile.Failure) {
            tracefs = try Tracefs()
            trace = try TraceInstance(in: tracefs.path, of: settings.cpus.owner)
        } catch {
            throw ValidationError("--kernel needs root, and the kernel's tracefs: \(error).")
        }
        Interruption.await()
        defer { System.setAffinity(settings.bystanders) }
        if !System.pinThread(to: settings.cpus.housekeeper) {
            throw ValidationError("--housekeeper \(settings.cpus.housekeeper.id) cannot be pinned to.")
        }
        var outcome = Outcome(
            settings: settings, subjects: subjects, phases: [], notes: notes, wasInterrupted: false)
        for scheduling in [.ordinary, OwnerScheduling.fifo(priority: settings.fifoPriority)]
        where !Interruption.hasCome {
            try run(scheduling, trace, &outcome)
        }
        outcome.wasInterrupted = Interruption.hasCome
        return outcome
    }

    private func run(
        _ scheduling: OwnerScheduling, _ trace: TraceInstance, _ outcome: inout Outcome
    ) throws {
        let baton = KernelBaton()
        let owner = KernelOwner(
            subjects: subjects, cpu: settings.cpus.owner, scheduling: scheduling, patience: settings.stall,
            baton: baton)
        let thread = try MeasuringThread(running: owner.run)
        while baton.identity.load(ordering: .acquiring) == 0 { System.sleep(nanoseconds: 1_000_000) }
        var caller = KernelCaller(subjects: subjects, baton: baton, trace: trace, stall: settings.stall)
        let failure = baton.failure.load(ordering: .relaxed)
        let begun = MonotonicClock.now()
        if failure == 0 {
            caller.run(for: settings.duration / 2, showing: "owner \(scheduling.name)")
        } else {
            outcome.notes.append("left out: an owner that is \(scheduling.name): error \(failure)")
        }
        let seconds = Double(MonotonicClock.now() - begun) / 1e9
        baton.isStopped.store(true, ordering: .relaxed)
        let longestGaps = thread.join()
        guard failure == 0 else { return }
        for (index, gaps) in longestGaps.enumerated() {
            for gap in gaps { caller.samples[index].longestGaps.record(gap) }
        }
        outcome.notes += caller.notes
        outcome.phases.append(Phase(scheduling: scheduling, seconds: seconds, samples: caller.samples))
    }
}

extension KernelSubject {
    /// All that is called, and what had to be left out.
    static func all(_ settings: KernelSettings) throws -> (subjects: [KernelSubject], notes: [String]) {
        var notes: [String] = []
        let dirtyPages: DirtyPages
        do throws(SystemFile.Failure) {
            dirtyPages = try DirtyPages()
        } catch {
            throw ValidationError("--kernel needs a file to write to: \(error).")
        }
        var subjects: [KernelSubject] = []
        for trigger in settings.triggers {
            do throws(KernelTrigger.Missing) {
                let call = try trigger.prepare()
                subjects.append(
                    KernelSubject(
                        label: trigger.label, side: .kernel, prepare: { dirtyPages.write() }, use: {},
                        call: call))
            } catch {
                notes.append("left out: \(trigger.label): \(error)")
            }
        }
        guard !subjects.isEmpty else {
            throw ValidationError("--kernel: nothing can be called here: \(notes.joined(separator: "; ")).")
        }
        for choice in settings.policies {
            if choice.endsDrains {
                subjects.append(.pages(choice))
            } else {
                notes.append("left out: \(choice.name): nobody comes to drain")
            }
        }
        return (subjects + [.idle], notes)
    }
}
#endif
