import Foundation
import QPWTestSupport
import Testing

@testable import QPW

extension CoreTests {
    /// The same self-check of all policies in processes that have less than this one.
    @Suite struct OtherProcessTests {
        @Test func aPlainProcess() throws {
            let run = try Probe.run("selfcheck")
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.hasPrefix("OK"))
            #expect(run.output.contains("sections \(Capabilities.system.rseq == .available)"))
        }

        #if os(Linux) && !QPW_PORTABLE
        @Test func aProcessWithoutRseq() throws {
            let run = try Probe.run("selfcheck", environment: ["GLIBC_TUNABLES": "glibc.pthread.rseq=0"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.hasPrefix("OK"))
            #expect(run.output.contains("sections false"))
            let current = try Probe.run(
                "current", environment: ["GLIBC_TUNABLES": "glibc.pthread.rseq=0"])
            if !Machine.hasThreadSanitizer {
                #expect(current.output.contains("glibc.pthread.rseq"), "it says why: \(current.output)")
            }
        }
        #endif

        private static let valgrind = "/usr/bin/valgrind"
        private static let isSanitized =
            Machine.hasThreadSanitizer || ProcessInfo.processInfo.environment["ASAN_OPTIONS"] != nil
            || hasAddressSanitizer

        @Test(
            .enabled(if: FileManager.default.isExecutableFile(atPath: valgrind), "needs valgrind"),
            .disabled(if: isSanitized, "valgrind cannot run what a sanitizer instrumented"))
        func underValgrind() throws {
            let run = try Probe.run("selfcheck", "brief", under: [Self.valgrind, "-q", "--tool=none"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.hasPrefix("OK"))
        }
    }

    @Suite struct ForkTests {
        @Test(arguments: everyPolicy)
        func aChildThatWasPreparedForWorks(policy: QPWPolicy) throws {
            let run = try Probe.run("fork", "prepared", policy.description)
            #expect(run.status == 0, "\(run.output)\(run.errors)")
        }

        #if os(Linux)
        /// Portable builds and policies that work inline need no worker.
        @Test(
            .enabled(if: Machine.pinsThreads, "\(Machine.needsPinning)"),
            arguments: everyPolicy.filter { ["queue", "rtQueue"].contains($0.name) })
        func aChildThatNeedsAWorkerTraps(policy: QPWPolicy) throws {
            let run = try Probe.run("fork", "worker", policy.description)
            #expect(run.status > 128 && run.status != 128 + SIGALRM, "\(run.status)")
            #expect(run.errors.contains("'orphan' was made before fork()"), "\(run.errors)")
            #expect(run.errors.contains("prepareForFork"))
        }

        @Test(
            .disabled(if: Machine.hasThreadSanitizer, "it ends children of processes with threads"),
            arguments: everyPolicy)
        func aChildThatWaitsForAHolderTraps(policy: QPWPolicy) throws {
            for way in ["held", "held-remote"] {
                let run = try Probe.run("fork", way, policy.description)
                #expect(run.status > 128 && run.status != 128 + SIGALRM, "\(way) \(run.status)")
                #expect(run.errors.contains("'orphan' was made before fork()"), "\(run.errors)")
            }
        }
        #endif
    }
}
