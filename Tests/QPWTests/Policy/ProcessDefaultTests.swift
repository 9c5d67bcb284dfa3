import QPWTestSupport
import Testing

@testable import QPW

@Suite struct ProcessDefaultTests {
    @Test func withoutAnythingTheDefaultIsBuiltIn() {
        let choice = ProcessDefault.choose(environment: nil)
        #if QPWDefault
        #expect(choice.policy == .lock)
        #expect(choice.source == .trait)
        #elseif QPW
        #expect(choice.policy == .automatic)
        #expect(choice.source == .builtIn)
        #else
        #expect(choice.policy == .queue)
        #expect(choice.source == .builtIn)
        #endif
        #expect(choice.warning == nil)
    }

    @Test(arguments: everyPolicy)
    func theEnvironmentIsStronger(policy: QPWPolicy) {
        let choice = ProcessDefault.choose(environment: policy.description)
        #expect(choice.policy == policy)
        #expect(choice.source == .environment)
        #expect(choice.warning == nil)
    }

    @Test(arguments: ["", "2", "fast"])
    func whatNamesNoPolicyIsIgnoredWithAWarning(text: String) {
        let choice = ProcessDefault.choose(environment: text)
        #expect(choice.warning == "invalid qpw parameter: \(text), ignoring.")
        #expect(choice.policy == ProcessDefault.choose(environment: nil).policy)
        #expect(choice.source != .environment)
    }
}

extension CoreTests {
    @Suite struct ProcessDefaultInAProcessTests {
        @Test(arguments: everyPolicy.map(\.description))
        func bootstrapMakesTheDefault(name: String) async {
            await #expect(processExitsWith: .success) { [name = name as String] in
                QPWPolicy.bootstrap(policy(named: name))
                precondition(QPWPolicy.default == policy(named: name))
                precondition(QPWPolicy.current.requested == policy(named: name))
                precondition(QPWPolicy.current.reason.hasPrefix("asked for by QPWPolicy.bootstrap"))
                let slots = PerCPU<Int> { _ in 0 }
                precondition(slots.inForce.requested == policy(named: name))
            }
        }

        @Test func bootstrapTwiceTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                QPWPolicy.bootstrap(.queue)
                QPWPolicy.bootstrap(.queue)
            }
            expectMessage("QPWPolicy.bootstrap(.queue) came too late", "already queue", in: result)
        }

        @Test func bootstrapAfterUseTraps() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                _ = PerCPU<Int> { _ in 0 }
                QPWPolicy.bootstrap(.queue)
            }
            expectMessage("came too late", "before the first per-CPU structure", in: result)
        }

        @Test(arguments: everyPolicy)
        func theEnvironmentMakesTheDefault(policy: QPWPolicy) throws {
            let run = try Probe.run("current", environment: ["QPW": policy.description])
            #expect(run.status == 0)
            #expect(run.output.hasPrefix("requested \(policy):"))
            #expect(run.output.contains("asked for by the environment variable QPW"))
            #expect(run.errors == "")
        }

        @Test func bootstrapIsStrongerThanTheEnvironment() throws {
            let run = try Probe.run("bootstrap", environment: ["QPW": everyPolicy.last!.description])
            #expect(run.output.hasPrefix("requested queue:"))
            #expect(run.output.contains("QPWPolicy.bootstrap"))
        }

        @Test func anInvalidEnvironmentIsWarnedAboutOnce() throws {
            let run = try Probe.run("current", environment: ["QPW": "2"])
            #expect(run.status == 0)
            #expect(run.errors == "QPW: invalid qpw parameter: 2, ignoring.\n")
            #expect(run.output == (try Probe.run("current")).output)
        }
    }
}
