import ArgumentParser
import QPW
import Testing

@testable import QPWCommand

@Suite("The choice of CPUs")
struct CPUPairTests {
    @Test("The owner gets the last CPU, the housekeeper the first")
    func plain() throws {
        let pair = try CPUPair(from: Topology(possible: [0, 1, 2, 3]))
        #expect(pair.owner == 3)
        #expect(pair.housekeeper == 0)
    }

    @Test("An isolated CPU is the owner's, and not the housekeeper's")
    func isolated() throws {
        let pair = try CPUPair(from: Topology(possible: [0, 1, 2, 3], isolated: [0, 1]))
        #expect(pair.owner == 1)
        #expect(pair.housekeeper == 2)
    }

    @Test("Where every CPU is isolated there is a housekeeper all the same")
    func allIsolated() throws {
        let pair = try CPUPair(from: Topology(possible: [4, 6], isolated: [4, 6]))
        #expect(pair.owner == 6)
        #expect(pair.housekeeper == 4)
    }

    @Test("A choice is followed, and the other keeps off it")
    func chosen() throws {
        let topology = Topology(possible: [0, 1, 2])
        #expect(try CPUPair(from: topology, owner: 0).housekeeper == 1)
        #expect(try CPUPair(from: topology, housekeeper: 2).owner == 1)
    }

    @Test("On one CPU it says why it cannot measure")
    func oneCPU() {
        let error = #expect(throws: ValidationError.self) {
            try CPUPair(from: Topology(possible: [0, 1], allowed: [1]))
        }
        #expect(error?.message.contains("needs two CPUs") == true)
        #expect(error?.message.contains("only CPU 1") == true)
    }

    @Test("CPUs that may not be used are refused", arguments: [-1, 2, 70_000])
    func forbidden(id: Int) {
        #expect(throws: ValidationError.self) {
            try CPUPair(from: Topology(possible: [0, 1]), owner: id)
        }
    }
}
